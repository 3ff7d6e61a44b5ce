"""Which texts get no answer, and why: one list, asked when a text comes and again before it is answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.destinations import Destination
from illumichat_sms_plugin.models.message import UNFILED as UNFILED_SQL
from illumichat_sms_plugin.no_reply import (
    AFTER_TRYING,
    FOR_THE_ASSISTANT,
    RULES,
    UNFILED,
    Facts,
    NoReply,
    why_no_reply,
)
from illumichat_sms_plugin.phone_number import SenderKind

R = NoReply

facts = st.builds(
    Facts,
    sender=st.sampled_from(SenderKind),
    destination=st.sampled_from(Destination),
    meaning=st.sampled_from(("message", "maybe_opt_out", "opt_out", "opt_in", "help")),
    **dict.fromkeys(
        (
            *(
                "from_own_number",
                "is_test",
                "is_reaction",
                "is_auto_reply",
                "looks_like_a_machine",
                "is_stale",
                "connected",
            ),
            *("enabled", "opted_out", "answers_left", "taken_over", "twilio_confirms"),
        ),
        st.booleans(),
    ),
)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({}, None),
        # what a text says itself
        ({"is_test": True}, R.TEST),
        ({"sender": SenderKind.SHORT_CODE}, R.NOT_A_PHONE),
        ({"sender": SenderKind.ALPHANUMERIC}, R.NOT_A_PHONE),
        ({"sender": SenderKind.ANONYMOUS}, R.NOT_A_PHONE),
        ({"sender": SenderKind.OTHER_CHANNEL}, R.NOT_A_PHONE),
        ({"from_own_number": True}, R.OWN_NUMBER),
        ({"meaning": "opt_out"}, R.KEYWORD),
        ({"meaning": "opt_out", "twilio_confirms": False}, R.PLAIN_WISH),
        ({"meaning": "maybe_opt_out", "twilio_confirms": False}, None),
        ({"meaning": "opt_in", "twilio_confirms": False}, R.KEYWORD),
        ({"meaning": "opt_in"}, R.KEYWORD),
        ({"meaning": "help"}, R.KEYWORD),
        ({"is_reaction": True}, R.REACTION),
        ({"is_auto_reply": True}, R.AUTO_REPLY),
        ({"destination": Destination.OTHER_COUNTRY}, R.COUNTRY),
        ({"destination": Destination.COSTLY}, R.COSTLY_NUMBER),
        ({"destination": Destination.COSTLY, "meaning": "opt_out"}, R.KEYWORD),
        # what the moment says
        ({"is_stale": True}, R.STALE),
        ({"connected": False}, R.NOT_CONNECTED),
        ({"opted_out": True}, R.OPTED_OUT),
        ({"enabled": False}, R.DISABLED),
        ({"answers_left": False}, R.RATE_LIMITED),
        ({"looks_like_a_machine": True}, R.MACHINE),
        ({"paused": True}, R.PAUSED),
        ({"blocked": True}, R.BLOCKED),
        ({"blocked": True, "opted_out": True}, R.OPTED_OUT),
        ({"is_allowed": False}, R.NOT_ALLOWED),
        ({"paused": True, "enabled": False}, R.DISABLED),
        ({"taken_over": True}, R.TAKEN_OVER),
        # which reason an admin is told when there are several
        ({"is_test": True, "meaning": "opt_out"}, R.TEST),
        ({"sender": SenderKind.SHORT_CODE, "meaning": "opt_out"}, R.NOT_A_PHONE),
        ({"meaning": "opt_out", "opted_out": True}, R.KEYWORD),
        ({"opted_out": True, "is_reaction": True}, R.OPTED_OUT),
        ({"is_stale": True, "connected": False}, R.STALE),
        ({"connected": False, "opted_out": True}, R.NOT_CONNECTED),
        ({"opted_out": True, "enabled": False}, R.OPTED_OUT),
        ({"enabled": False, "answers_left": False}, R.DISABLED),
        ({"looks_like_a_machine": True, "answers_left": False}, R.MACHINE),
    ],
)
def test_a_text_of_which_is_known(known: dict[str, Any], reason: NoReply | None) -> None:
    assert why_no_reply(Facts(**known)) is reason


def test_every_reason_has_its_rule_or_is_what_trying_ends_with() -> None:
    ruled = [reason for reason, _ in RULES]
    assert len(ruled) == len(set(ruled))
    assert set(ruled) | AFTER_TRYING == set(NoReply)
    assert not set(ruled) & AFTER_TRYING


@given(facts)
def test_there_is_one_verdict_on_any_text(text: Facts) -> None:
    assert why_no_reply(text) in {None, *(reason for reason, _ in RULES)}


@given(facts)
def test_nobody_is_texted_who_wants_nothing_or_is_no_phone(text: Facts) -> None:
    if (
        text.opted_out
        or text.meaning not in FOR_THE_ASSISTANT
        or text.sender is not SenderKind.PHONE
        or text.is_test
    ):
        assert why_no_reply(text) is not None


def test_what_is_not_filed_is_one_list_for_the_code_and_for_the_index() -> None:
    """SQLite uses the index only where the condition is the same word for word."""
    assert UNFILED_SQL.endswith("no_reply_reason NOT IN ('not_a_phone', 'own_number', 'test'))")
    assert set(UNFILED) == {R.NOT_A_PHONE, R.OWN_NUMBER, R.TEST}
