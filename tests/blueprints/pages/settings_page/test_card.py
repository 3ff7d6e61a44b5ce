"""The card among an assistant's channels."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.models import SmsChannel, SmsMessage
from tests.blueprints.pages.settings_page.sms_page import (
    PAGE,
)
from tests.support.channels import change, connect, write
from tests.support.twilio_requests import NUMBER, text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def card(app: Flask, visitor: str = "admin", assistant_id: str = "ast_support") -> str:
    visit(app, visitor)
    *_, render = app.extensions["illumichat_sms"].host.pages.slots["assistant.channels.card"]
    with app.test_request_context():
        return str(render(assistant_id=assistant_id, anything_else="ignored"))


def test_the_card_says_the_state_and_leads_to_the_page(app: Flask):
    assert "Not connected" in card(app)
    connect(app)
    assert f"No text to {NUMBER} has come in yet" in card(app)
    assert f'href="{PAGE}"' in card(app)
    change(app, enabled=False)
    assert "Off" in card(app)


def test_the_card_says_what_needs_attention(connected: Flask):
    write_channel(connected, attention_code=20003)
    assert "Needs attention" in card(connected)
    assert "20003" in card(connected)


def test_the_card_counts_replies_that_wait_for_a_decision(texting: Flask):
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id == 1, direction="outbound", send_state="unsettled")
    assert "1 reply may or may not" in card(texting)
    link = BeautifulSoup(visit(texting).get(PAGE).text, "html.parser").find("a", string="Show what waits")
    assert "1 session" in visit(texting).get(link["href"]).text  # type: ignore[index]


def test_a_token_that_no_key_opens_needs_attention(connected: Flask, make: Any):
    other_keys = make(SMS_ENCRYPTION_KEYS=[generate_key()])
    assert "cannot be read any more" in card(other_keys)
    assert visit(other_keys).get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("visitor", "sees"), [("member", True), ("guest", False), ("stranger", False), ("other admin", False)]
)
def test_members_see_the_state_only_and_others_nothing(connected: Flask, visitor: str, sees: bool):
    shown = card(connected, visitor)
    assert bool(shown) is sees
    assert NUMBER not in shown


def write_channel(app: Flask, **values: Any) -> None:
    write(app, SmsChannel, SmsChannel.assistant_id == "ast_support", **values)
