"""The SMS page as tests visit it."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.save_channel import save_channel
from tests.support.channels import changes_of
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.support.visitors import form_of, visit

PAGE = "/sms/ast_support"
CREDENTIALS = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_number": NUMBER}


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def post(app: Flask, path: str = "settings", **fields: Any) -> TestResponse:
    return visit(app).post(f"{PAGE}/{path}", data=form_of(app, **fields))


def stored(app: Flask) -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support")


def said(app: Flask, client: Any = None) -> str:
    """What the page says that was done; nothing for nothing."""
    shown = page((client or visit(app)).get(PAGE))
    return " ".join(shown.select_one("#sms-done").get_text(" ").split())


def saved(app: Flask, **fields: Any) -> Any:
    """Save the form; the client that did."""
    client = visit(app)
    answer = client.post(f"{PAGE}/settings", data=form_of(app, **fields))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}#sms-done"), answer.text
    return client


def other_admin_saves(app: Flask, **changes: Any) -> None:
    with app.app_context():
        save_channel(
            current_runtime(),
            "ast_support",
            changes_of(changes),
            by=Person("usr_2", "Bea <b>Other</b>"),
        )
