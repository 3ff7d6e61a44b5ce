"""The state in one glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.services.channel_health import Failing
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, Found
from illumichat_sms_plugin.services.setup.channel_state import LABELS, TONES, StateCode, state_of
from illumichat_sms_plugin.services.setup.lost_number import LostNumber

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def settings(**values: Any) -> ChannelSettings:
    connected = {
        "id": 1,
        "assistant_id": "ast_support",
        "version": 2,
        "account_sid": "AC1",
        "phone_number": "+15551230001",
        "has_auth_token": True,
        "is_confirmed": True,
        "last_text_at": NOW,
    }
    return ChannelSettings(**(connected | values))


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (settings(account_sid=None, phone_number=None, has_auth_token=False), "not_connected", "Connect"),
        (settings(), "on", "answers texts to +15551230001"),
        (settings(last_text_at=None), "one_step_left", "No text to +15551230001 has come in yet"),
        (settings(last_text_at=None, webhook_was_set=True), "on", "The webhook is set"),
        (settings(failing=Failing(6, 7, 30034)), "needs_attention", "6 of the last 7 texts did not arrive"),
        (settings(is_confirmed=False), "draft", "has not confirmed yet that this account owns +15551230001"),
        (settings(is_confirmed=False, options=ChannelOptions(enabled=False)), "draft", "Not in use yet"),
        (settings(is_confirmed=False, attention_code=20003), "draft", "20003"),
        (settings(is_confirmed=False, number_in_use=True), "draft", "another assistant has the number"),
        (settings(is_confirmed=False, unreadable_secrets=("auth_token",)), "draft", "cannot be read"),
        (settings(options=ChannelOptions(enabled=False)), "off", "not answered"),
        (settings(options=ChannelOptions(enabled=False), attention_code=20003), "off", "not answered"),
        (settings(unreadable_secrets=("auth_token",)), "needs_attention", "cannot be read"),
        (settings(unreadable_secrets=("signing_key",)), "needs_attention", "signing key"),
        (settings(attention_code=20003), "needs_attention", "20003"),
        (settings(came_late=True), "needs_attention", "did not come by webhook"),
        (settings(found=(Found("number_able", "It is gone.", "Buy it."),)), "needs_attention", "It is gone."),
        (settings(waiting=1), "needs_attention", "1 reply may or may not"),
        (settings(waiting=3), "needs_attention", "3 replies may or may not"),
    ],
)
def test_the_state_and_its_reason(given: ChannelSettings, code: str, words: str):
    state = state_of(given)
    assert state.code == code
    assert words in state.sentence


@pytest.mark.parametrize(("to_owner", "words"), [(True, "another account"), (False, "operator")])
def test_a_number_that_was_taken_is_named(*, to_owner: bool, words: str):
    gone = {"account_sid": None, "phone_number": None, "has_auth_token": False}
    state = state_of(settings(**gone, lost=LostNumber("+15551230001", to_owner)))
    assert state.code == "not_connected"
    assert words in state.sentence
    assert "+15551230001" in state.sentence


def test_every_reason_is_named_with_what_to_do():
    state = state_of(settings(unreadable_secrets=("auth_token",), attention_code=30034, waiting=2))
    assert len(state.reasons) == 3
    assert all(reason.what and reason.do for reason in state.reasons)


def test_every_state_has_a_label_and_a_tone():
    for code in StateCode:
        assert LABELS[code]
        assert TONES[code]
