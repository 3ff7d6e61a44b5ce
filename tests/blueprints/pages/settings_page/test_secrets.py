"""What the pages never show, and whose scripts and styles they take."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from tests.blueprints.pages.settings_page.sms_page import (
    CREDENTIALS,
    PAGE,
    page,
    post,
)
from tests.support.channels import text_of
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_no_page_ever_holds_a_secret(make: Any, twilio: Any, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    app = make(SMS_TWILIO_API_URL=twilio.url)
    secrets = [
        AUTH_TOKEN,
        seed.SECONDARY_AUTH_TOKEN,
        "sharedkey0123456789",
        "typed0but0wrong0000000000000000",
    ]
    answers = [
        post(app, **(CREDENTIALS | {"signing_key": secrets[2], "phone_number": "wrong"})),
        post(app, "settings/test", **CREDENTIALS, signing_key=secrets[2]),
        post(app, "settings/test", **(CREDENTIALS | {"auth_token": secrets[3]})),
        post(app, **CREDENTIALS, signing_key=secrets[2]),
        visit(app).post(f"{PAGE}/settings/token", data={"next_auth_token": secrets[1]}),
        visit(app).post(f"{PAGE}/settings/token", data={"next_auth_token": secrets[3]}),
        visit(app).get(f"{PAGE}/settings/token/main"),
        visit(app).post(f"{PAGE}/settings/token/main", data={"version": "3"}),
        visit(app).get(PAGE),
        visit(app).get(f"{PAGE}/settings/webhook"),
        visit(app).get(f"{PAGE}/settings/disconnect"),
        visit(app).get("/api/sms/config/ast_support"),
        visit(app).patch("/api/sms/config/ast_support", json={"authToken": secrets[3] + "!", "enabled": 1}),
        visit(app).post("/api/sms/config/ast_support/test", json={"accountSid": ACCOUNT_SID}),
    ]
    seen = "\n".join(f"{answer.headers}{answer.text}" for answer in answers) + caplog.text
    for secret in secrets:
        assert secret not in seen
    for row in text_of(app, "sms_channels"), text_of(app, "sms_audit_entries"):
        for secret in secrets:
            assert secret not in row


def test_the_account_name_of_a_stranger_is_shown_as_text(make: Any, twilio: Any):
    twilio.store.accounts[ACCOUNT_SID].friendly_name = "<script>alert(1)</script>{{ 7*7 }}"
    app = make(SMS_TWILIO_API_URL=twilio.url)
    answer = post(app, "settings/test", **CREDENTIALS)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in answer.text


def test_every_page_forbids_script_and_style_from_elsewhere(connected: Flask):
    for path in ("", "/settings/disconnect"):
        answer = visit(connected).get(PAGE + path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        shown = page(answer)
        assert not shown.select("[style], style, script:not([src])")
        assert not re.search(r"\son[a-z]+=", answer.text)
        for element in shown.select("script[src], link[href][rel=stylesheet], img[src]"):
            assert str(element.get("src") or element.get("href")).startswith("/")
