"""Failures become sentences for people; what they must not see stays behind."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest
from requests.exceptions import SSLError

from illumichat_sms_plugin.errors import TwilioError, TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.translation import network_error

from .conftest import CREDENTIALS
from .scripted_server import Act, ScriptedServer, answers, closes

NUMBER = "+15551230001"


def test_a_tls_error_after_the_handshake_leaves_doubt():
    """The same exception as for a failed handshake; only the connection knows which it was."""
    assert isinstance(network_error(SSLError("bad record mac"), unsent=True), TwilioRefused)
    assert isinstance(network_error(SSLError("bad record mac"), unsent=False), TwilioInDoubt)


@pytest.mark.parametrize(
    "act",
    [
        closes,
        answers(400, {"code": 21211, "message": f"{NUMBER} is bad", "status": 400}),
        answers(500, {"code": 20500, "message": f"{NUMBER} is bad", "status": 500}),
        answers(400, NUMBER.encode()),
        answers(200, NUMBER.encode()),
        answers(200, {"messages": [{"date_sent": [NUMBER]}]}),
    ],
)
def test_neither_the_sentence_nor_the_traceback_shows_number_account_or_token(
    server: ScriptedServer, client: Any, act: Act
):
    server.plays(act)
    with pytest.raises(TwilioError) as failed:
        list(list_texts(client, to_number=NUMBER))
    shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    for hidden in (
        NUMBER[1:],
        CREDENTIALS.account_sid,
        CREDENTIALS.secret.reveal(),
        "Messages.json",
        "127.0.0.1",
    ):
        assert hidden not in shown


def test_the_same_holds_when_twilio_is_not_reached(make_client: Callable[..., Any]):
    with pytest.raises(TwilioRefused) as failed:
        list(list_texts(make_client("http://127.0.0.1:1"), to_number=NUMBER))
    shown = "".join(traceback.format_exception(failed.value))
    for hidden in (NUMBER[1:], CREDENTIALS.account_sid, "Messages.json"):
        assert hidden not in shown
