"""The demo's notices: a bell for those who are there, a mail for those who are not."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from demo.host import notices
from tests.demo_host.test_pages import page_token

SignIn = Callable[[str], FlaskClient]


def notify(app: Flask, key: str = "k1", sentence: str = "Texts do not arrive.") -> None:
    said = {
        "kind": "needs_attention",
        "sentence": sentence,
        "url": "https://chat.example.com/sms/ast_support",
    }
    with app.app_context():
        notices.notify("ws_acme", "ast_support", **said, key=key)


def test_the_bell_counts_what_nobody_has_read_and_a_mail_is_written_once(app: Flask, sign_in: SignIn) -> None:
    for key in ("k1", "k1", "k2"):
        notify(app, key)
    client = sign_in("admin")
    assert re.search(r'bell-count">2<', client.get("/workspaces/ws_acme").text)
    page = client.get("/workspaces/ws_acme/notices").text
    assert page.count("Texts do not arrive.") == 2
    assert 'href="https://chat.example.com/sms/ast_support"' in page
    assert client.get("/workspaces/ws_acme/outbox").text.count("<article") == 2
    client.post("/workspaces/ws_acme/notices", data={"csrf_token": page_token(client)})
    assert "bell-count" not in client.get("/workspaces/ws_acme").text
    assert "bell-count" not in sign_in("other").get("/workspaces/ws_globex").text
