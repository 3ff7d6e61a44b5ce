"""A channel is judged by what became of its last texts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channel_health import Outcome, failing
from illumichat_sms_plugin.services.health import read_figures
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import ChannelState, state_of
from tests.support.channels import outbound, run_jobs
from tests.support.twilio_requests import status_in, text_in

ARRIVED = "."


def outcomes(words: str) -> list[Outcome]:
    """``A34`` is a failure to A with 30034, ``.`` a delivery; the newest first."""
    return [
        Outcome(0, False) if word == ARRIVED else Outcome(ord(word[0]), True, int(word[1:]))
        for word in words.split()
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", None),
        (". . .", None),
        ("A30034 B30034 C30034", 30034),
        ("A30034 B30034", None),  # two may be chance
        ("A30003 A30003 A30003 A30003", None),  # one texter's phone
        ("A21408 . B21408 .", None),
        ("A21610 B21610 C21610 D21610", None),  # they do not want any
        ("A21610 B30034 C21610 D30034 E30034", 30034),
        (". A30034 B30034 C30034 D30034 E30034 F30034", None),  # a delivery turns it back
        ("A30007 B30007 C30007 .", 30007),
        (" ".join(["A30007 . B30007 ."] * 5), 30007),  # every other one is filtered
        (" ".join(["A30007 . . B30007 . ."] * 5), None),
        (". . . . . . . . . . . " + "A30034 B30034 " * 10, None),  # it is long over
        ("A30003 B30034 C30034", 30034),  # the code that most have
    ],
)
def test_when_texts_do_not_arrive(words: str, code: int | None) -> None:
    found = failing(outcomes(words))
    assert (found and found.code) == code
    if found is not None:
        assert found.failed <= found.of <= 20
        assert str(code) in found.sentence


def send_status(app: Flask, message: Any, status: str, code: int | None = None) -> None:
    status_in(app, message.message_sid, status, **({"ErrorCode": str(code)} if code else {}))


def stands(app: Flask) -> ChannelState:
    with app.app_context():
        return state_of(read_settings(current_runtime(), "ast_support"))


def test_six_failures_by_callback_turn_the_card_and_a_delivery_turns_it_back(
    texting: Flask, twilio: Any
) -> None:
    for n in range(7):
        text_in(texting, "Hello", From=f"+1555765432{n}")
    run_jobs(texting)
    *failed, last = outbound(texting)
    for message in failed:
        assert stands(texting).code == "on" or message.id > failed[2].id
        send_status(texting, message, "failed", 30034)
    state = stands(texting)
    assert state.code == "needs_attention"
    assert attention(texting) == {"refused": 0, "paused": 0, "not_arriving": 1, "assistant_missing": 0}
    assert "6 of the last 6 texts did not arrive" in state.sentence
    assert "30034" in state.sentence
    send_status(texting, last, "delivered")
    assert stands(texting).code == "on"
    assert attention(texting)["not_arriving"] == 0


def attention(app: Flask) -> dict[str, int]:
    with app.app_context():
        return read_figures(current_runtime()).attention


@pytest.mark.parametrize("code", [21408, 21610, 21614])
def test_one_texters_refusal_turns_nothing(texting: Flask, twilio: Any, code: int) -> None:
    twilio.add_fault("api_error", code=code, count=None)
    text_in(texting, "Hello")
    run_jobs(texting)
    assert stands(texting).code == "on"


def test_an_accepted_text_mends_nothing_and_a_delivered_one_does(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=30034)
    text_in(texting, "Hello")
    run_jobs(texting)
    assert stands(texting).code == "needs_attention"
    text_in(texting, "Hello again, are you there?", From="+15557654399")
    run_jobs(texting)
    assert stands(texting).code == "needs_attention"
    texting.extensions["illumichat_sms"].channels.forget_all()  # as after a second
    send_status(texting, outbound(texting)[-1], "delivered")
    assert stands(texting).code == "on"
