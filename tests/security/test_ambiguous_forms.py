"""A form that says two things at once is refused, whoever has signed it.

Twilio signs names and values without delimiters, so one captured request can be cut into another form with the same
signature. What decides something may be there once only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.support.channels import messages
from tests.support.twilio_requests import (
    inbound_form,
    new_sid,
    post_signed,
    status_form,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

INBOUND, STATUS = "/api/sms/webhook/ast_support", "/api/sms/status/ast_support"
OTHERS = {
    "From": "+15550000000",
    "To": "+15550000001",
    "Body": "STOP",
    "MessageSid": "SM" + "2" * 32,
    "AccountSid": "AC" + "f" * 32,
    "OptOutType": "STOP",
}


def post(app: Flask, path: str, items: Sequence[tuple[str, str]]) -> Any:
    return post_signed(app, path, MultiDict(items))


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("first", [True, False])
def test_what_decides_may_not_be_there_twice(connected: Flask, name: str, *, first: bool) -> None:
    items = [*inbound_form("hello", OptOutType="HELP").items()]
    other = (name, OTHERS[name])
    answer = post(connected, INBOUND, [other, *items] if first else [*items, other])
    assert (answer.status_code, answer.text) == (400, f"{name} is there more than once.")
    assert not messages(connected)


@pytest.mark.parametrize("name", ["From", "To", "Body", "MessageSid", "AccountSid"])
def test_nor_with_the_same_value(connected: Flask, name: str) -> None:
    """The signature covers equal pairs once, so nobody can tell how often Twilio has sent them."""
    items = [*inbound_form("hello").items()]
    assert post(connected, INBOUND, [*items, (name, dict(items)[name])]).status_code == 400


@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "MessageStatus"])
def test_nor_in_a_status_callback(connected: Flask, name: str) -> None:
    items = [*status_form(new_sid(), "delivered").items()]
    assert post(connected, STATUS, [*items, (name, "SM" + "3" * 32)]).status_code == 400


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("name", ["SmsSid", "SmsMessageSid"])
def test_all_names_of_the_message_must_agree(connected: Flask, path: str, name: str) -> None:
    form = inbound_form("hello") | {"MessageStatus": "delivered"}
    assert post(connected, path, [*form.items(), (name, new_sid())]).status_code == 400
    assert not messages(connected)
    good = post(connected, path, [*form.items(), ("SmsSid", form["MessageSid"]), ("SmsMessageSid", "")])
    assert good.status_code in (200, 204)


def test_it_is_said_only_to_who_can_sign(connected: Flask) -> None:
    items = [*inbound_form("hello").items(), ("Body", "STOP")]
    answer = connected.test_client().post(INBOUND, data=MultiDict(items))
    assert (answer.status_code, answer.text) == (403, "Forbidden.")
