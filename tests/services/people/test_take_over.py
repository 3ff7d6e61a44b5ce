"""A person takes a session over and hands it back; the assistant knows what was said."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.services.answering.answers import on_twilio
from tests.services.people.talk import ANNA, BEN, CHAT, call, send
from tests.support.channels import change, inbound, outbound, run_jobs, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def test_while_a_person_answers_the_assistant_is_not_asked_and_texts_wait(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    send(answered)
    run_jobs(answered)
    text_in(answered, "My order is late.")
    run_jobs(answered)
    assert len(host.assistants.requests) == 1
    assert inbound(answered)[-1].no_reply_reason == "taken_over"
    state = call(answered, "state", CHAT)
    assert (state.taken_over, state.by, state.waiting, state.refusal) == (True, "Anna", 1, None)
    assert host.chats.transcript()[-1] == ("user", "My order is late.")
    send(answered, "It comes tomorrow.", "k2")
    run_jobs(answered)
    last = inbound(answered)[-1]
    assert (last.no_reply_reason, last.answer_id) == (None, outbound(answered)[-1].id)
    assert call(answered, "state", CHAT).waiting == 0


def test_on_hand_back_the_assistant_answers_what_nobody_answered_and_knows_what_was_said(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    call(answered, "take_over", CHAT, ANNA)
    send(answered)
    run_jobs(answered)
    text_in(answered, "And when?")
    run_jobs(answered)
    host.assistants.reply = lambda request: "As Anna said: tomorrow."
    assert call(answered, "hand_back", CHAT, ANNA)
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "As Anna said: tomorrow."
    assert [role for role, _ in host.chats.transcript()] == [
        "user",
        "assistant",
        "person",
        "user",
        "assistant",
    ]
    assert not call(answered, "state", CHAT).taken_over
    assert not call(answered, "hand_back", CHAT, ANNA)


@pytest.mark.parametrize("seen", [True, False], ids=["the text was seen", "the text was not seen"])
def test_what_a_person_has_answered_the_assistant_does_not_even_if_handed_back_at_once(
    answered: Flask, twilio: Any, host: MemoryHost, *, seen: bool
) -> None:
    """The hand-back comes before a worker has sent what the person wrote."""
    call(answered, "take_over", CHAT, ANNA)
    text_in(answered, "And when?")
    if seen:
        run_jobs(answered)
    send(answered, "Tomorrow.")
    call(answered, "hand_back", CHAT, ANNA)
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Tomorrow."
    assert len(host.assistants.requests) == 1
    last = inbound(answered)[-1]
    assert (last.no_reply_reason, last.answer_id) == (None, outbound(answered)[-1].id)
    text_in(answered, "Thanks! And where?")
    run_jobs(answered)
    assert len(host.assistants.requests) == 2


def test_what_is_too_old_at_hand_back_is_offered_instead(answered: Flask, host: MemoryHost) -> None:
    call(answered, "take_over", CHAT, ANNA)
    text_in(answered, "Hello?")
    run_jobs(answered)
    sql(
        answered,
        "UPDATE sms_messages SET created_at = '2020-01-01 00:00:00+00:00' WHERE no_reply_reason = 'taken_over'",
    )
    call(answered, "hand_back", CHAT, ANNA)
    run_jobs(answered)
    assert inbound(answered)[-1].no_reply_reason == "taken_over"
    assert len(host.assistants.requests) == 1


def test_a_chat_that_is_no_sms_has_no_state(answered: Flask) -> None:
    assert call(answered, "state", "conv_of_the_web") is None
    assert call(answered, "take_over", "conv_of_the_web", ANNA) is False


def test_an_answer_is_thrown_away_when_a_person_sends_while_the_assistant_thinks(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(_request: Any) -> str:
        send(answered)
        return "Too late."

    host.assistants.reply = think
    text_in(answered, "Hello?")
    run_jobs(answered)
    assert on_twilio(twilio)[1:] == ["Anna here."]
    assert inbound(answered)[-1].answer_id == outbound(answered)[-1].id


def test_the_host_is_told_who_answers_unless_it_says_so_itself(answered: Flask, host: MemoryHost) -> None:
    call(answered, "take_over", CHAT, BEN)
    assert host.chats.handled == []
    send(answered)
    assert host.chats.handled == [(CHAT, "Anna")]
    assert call(answered, "state", CHAT).by == "Ben"


def test_the_texter_is_told_of_a_take_over_once_in_a_conversation_if_the_channel_wants_it(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    call(answered, "take_over", CHAT, BEN)
    run_jobs(answered)
    assert len(on_twilio(twilio)) == 1, "nobody is told unless the option is on"
    call(answered, "hand_back", CHAT, BEN)
    change(answered, tell_of_take_over=True, take_over_text="Ben here, one moment.")
    for person in (ANNA, BEN):
        call(answered, "take_over", CHAT, person)
        text_in(answered, "Hello?")
        run_jobs(answered)
        assert on_twilio(twilio)[1:] == ["Ben here, one moment."]
        assert call(answered, "state", CHAT).waiting > 0, "it is no answer"
        call(answered, "hand_back", CHAT, person) if person is ANNA else None
    assert ("person", "Ben here, one moment.") in host.chats.transcript()


def test_who_has_opted_out_is_told_of_no_take_over(answered: Flask, twilio: Any) -> None:
    change(answered, tell_of_take_over=True)
    text_in(answered, "STOP")
    call(answered, "take_over", CHAT, BEN)
    run_jobs(answered)
    assert len(on_twilio(twilio)) == 1
