"""The assistant suggests its answers, and a person sends, edits or discards them; one message at most goes out for each."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Answer, Person
from illumichat_sms_plugin.models import SmsChannel, SmsSession, SmsSuggestion, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.people import suggestions
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, inbound, keep_house, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

ANNA = Person("per_anna", "Anna")
BEN = Person("per_ben", "Ben")
CHAT = "conv_1"


@pytest.fixture
def suggesting(texting: Flask, host: MemoryHost) -> Flask:
    """The assistant has suggested an answer to a first text."""
    host.contract_version = 4
    host.assistants.reply = lambda request: "We open at nine."
    change(texting, suggest_answers=True)
    text_in(texting, "When do you open?")
    run_jobs(texting)
    return texting


def call(app: Flask, name: str, *args: Any) -> Any:
    with app.app_context():
        return getattr(app.extensions["illumichat_sms"].channel, name)(CHAT, *args)


def waiting(app: Flask) -> Any:
    return call(app, "state").suggestion


def decided(app: Flask) -> list[tuple[str | None, str | None]]:
    rows = sql(app, f"SELECT outcome, why FROM {SmsSuggestion.__tablename__} ORDER BY id")
    return [tuple(row) for row in rows]


def test_an_answer_waits_for_a_person_and_its_text_with_it(
    suggesting: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert on_twilio(twilio) == []
    assert waiting(suggesting).text == "We open at nine."
    assert inbound(suggesting)[-1].no_reply_reason == "taken_over"
    assert host.chats.transcript() == [("user", "When do you open?")], "the assistant has said nothing yet"
    state = call(suggesting, "state")
    assert (state.taken_over, state.waiting) == (False, 1)
    run_jobs(suggesting)
    keep_house(suggesting)
    assert len(host.assistants.requests) == 1


def test_sent_as_it_is_it_is_the_assistants_answer_in_chat_and_on_the_phone(
    suggesting: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert isinstance(call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA), Sent)
    run_jobs(suggesting)
    assert on_twilio(twilio) == ["We open at nine."]
    assert host.chats.transcript() == [("user", "When do you open?"), ("assistant", "We open at nine.")]
    (answer,) = outbound(suggesting)
    assert (answer.kind, inbound(suggesting)[-1].answer_id) == ("answer", answer.id)
    state = call(suggesting, "state")
    assert (state.taken_over, state.suggestion, state.waiting) == (False, None, 0)


def test_edited_it_is_the_persons_text(suggesting: Flask, twilio: Any, host: MemoryHost) -> None:
    call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA, "We open at ten.")
    run_jobs(suggesting)
    assert on_twilio(twilio) == ["We open at ten."]
    (messages,) = host.chats.chats.values()
    assert (messages[-1].role, messages[-1].name, messages[-1].content) == (
        "person",
        "Anna",
        "We open at ten.",
    )
    assert not call(suggesting, "state").taken_over, "the assistant goes on suggesting"
    assert decided(suggesting) == [("edited", None)]


def test_discarded_nothing_goes_out_and_the_text_can_be_answered_again(
    suggesting: Flask, twilio: Any
) -> None:
    id = waiting(suggesting).id
    assert call(suggesting, "discard_suggestion", id, ANNA)
    assert not call(suggesting, "discard_suggestion", id, BEN)
    run_jobs(suggesting)
    assert on_twilio(twilio) == []
    assert inbound(suggesting)[-1].no_reply_reason == "discarded"
    refused = call(suggesting, "send_suggestion", id, ANNA)
    assert refused.reason is Refusal.DECIDED
    assert call(suggesting, "state").waiting == 0


def test_a_further_text_gets_a_new_suggestion_and_the_old_one_lapses(
    suggesting: Flask, twilio: Any, host: MemoryHost
) -> None:
    old = waiting(suggesting).id
    host.assistants.reply = lambda request: "At ten on Sundays."
    text_in(suggesting, "And on Sundays?")
    refused = call(suggesting, "send_suggestion", old, ANNA)
    assert refused.reason is Refusal.NEWER_TEXT
    assert waiting(suggesting).id == old, "it is refused, and stays until the assistant is asked"
    run_jobs(suggesting)
    assert decided(suggesting) == [("lapsed", "new_text"), (None, None)]
    assert call(suggesting, "send_suggestion", old, ANNA).reason is Refusal.NEWER_TEXT
    call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA)
    run_jobs(suggesting)
    assert on_twilio(twilio) == ["At ten on Sundays."]
    assert {text.answer_id for text in inbound(suggesting)} == {outbound(suggesting)[-1].id}, "both texts"


def test_a_suggestion_nobody_decides_on_lapses(suggesting: Flask, twilio: Any) -> None:
    id = waiting(suggesting).id
    sql(suggesting, "UPDATE sms_suggestions SET created_at = '2020-01-01 00:00:00+00:00'")
    assert call(suggesting, "send_suggestion", id, ANNA).reason is Refusal.LAPSED
    keep_house(suggesting)
    assert decided(suggesting) == [("lapsed", "too_old")]
    assert inbound(suggesting)[-1].no_reply_reason == "lapsed"
    assert waiting(suggesting) is None
    assert call(suggesting, "send_suggestion", id, ANNA).reason is Refusal.LAPSED
    run_jobs(suggesting)
    assert on_twilio(twilio) == []


def test_a_person_who_writes_in_its_place_ends_it(suggesting: Flask, twilio: Any) -> None:
    old = waiting(suggesting).id
    call(suggesting, "send", "At nine, I think.", ANNA, "k1")
    run_jobs(suggesting)
    assert decided(suggesting) == [("lapsed", "person")]
    assert call(suggesting, "send_suggestion", old, ANNA).reason is Refusal.LAPSED
    assert on_twilio(twilio) == ["At nine, I think."]


def test_the_same_person_may_press_twice_and_another_comes_too_late(suggesting: Flask, twilio: Any) -> None:
    id = waiting(suggesting).id
    first = call(suggesting, "send_suggestion", id, ANNA)
    assert call(suggesting, "send_suggestion", id, ANNA) == first
    assert call(suggesting, "send_suggestion", id, BEN).reason is Refusal.DECIDED
    assert call(suggesting, "send_suggestion", id, ANNA, "Something else").reason is Refusal.DECIDED
    run_jobs(suggesting)
    assert on_twilio(twilio) == ["We open at nine."]


def test_of_many_who_press_at_once_one_sends_and_one_message_goes_out(
    suggesting: Flask, twilio: Any, host: MemoryHost
) -> None:
    """Some send it, some edit it, some discard it, and a text comes in between: five rounds."""
    for round in range(5):
        before, id = len(on_twilio(twilio)), waiting(suggesting).id
        tries: list[tuple[Any, ...]] = [
            ("send_suggestion", id, Person("p1", "One")),
            ("send_suggestion", id, Person("p2", "Two"), f"Edited {round}"),
            ("send_suggestion", id, Person("p3", "Three")),
            ("discard_suggestion", id, Person("p4", "Four")),
        ]
        results: list[Any] = []
        gate = threading.Barrier(len(tries) + 1)

        def decide(name: str, *args: Any, gate: threading.Barrier = gate, results: Any = results) -> None:
            gate.wait(10)
            results.append(call(suggesting, name, *args))

        threads = [threading.Thread(target=decide, args=each) for each in tries]
        for thread in threads:
            thread.start()
        gate.wait(10)
        text_in(suggesting, f"And {round}?")
        for thread in threads:
            thread.join(30)
        assert len(results) == len(tries)
        won = [result for result in results if isinstance(result, Sent) or result is True]
        assert len(won) <= 1
        run_jobs(suggesting)
        sent = len(on_twilio(twilio)) - before
        assert sent == sum(isinstance(result, Sent) for result in won)


def test_after_a_stop_nothing_goes_out_whenever_it_came(suggesting: Flask, twilio: Any) -> None:
    id = waiting(suggesting).id
    assert isinstance(call(suggesting, "send_suggestion", id, ANNA), Sent)
    text_in(suggesting, "STOP")
    run_jobs(suggesting)
    assert on_twilio(twilio) == []
    assert call(suggesting, "send_suggestion", id, ANNA).reason is Refusal.OPTED_OUT
    assert [row.no_reply_reason for row in inbound(suggesting)] == ["opted_out", "keyword"], (
        "it waits for nobody"
    )


def test_once_sending_is_paused_it_is_withheld_and_its_text_waits_for_nobody(
    suggesting: Flask, twilio: Any
) -> None:
    assert isinstance(call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA), Sent)
    write(suggesting, SmsChannel, SmsChannel.id == 1, paused_at=db_now(), pause_reason="person")
    run_jobs(suggesting)
    assert on_twilio(twilio) == []
    assert [row.no_reply_reason for row in inbound(suggesting)] == ["paused"]


def test_a_person_who_answers_goes_on_seeing_its_text(suggesting: Flask, twilio: Any) -> None:
    assert isinstance(call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA), Sent)
    write(suggesting, SmsSession, SmsSession.id == 1, person_since=db_now(), blocked_at=db_now())
    run_jobs(suggesting)
    assert (on_twilio(twilio), inbound(suggesting)[0].no_reply_reason) == ([], "taken_over")


def test_a_stop_before_it_refuses(suggesting: Flask, twilio: Any) -> None:
    text_in(suggesting, "STOP")
    refused = call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA)
    assert refused.reason is Refusal.OPTED_OUT
    assert waiting(suggesting) is not None, "it lapses by itself"


def test_limits_hold(suggesting: Flask, twilio: Any) -> None:
    change(suggesting, enabled=False)
    refused = call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.DISABLED


def test_a_chat_of_another_session_has_no_such_suggestion(suggesting: Flask) -> None:
    for id in ("999", "x", "0", "9" * 30):
        assert call(suggesting, "send_suggestion", id, ANNA).reason is Refusal.NO_SUGGESTION


def test_the_last_word_of_a_hand_off_is_suggested_too(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff="wants a person")
    change(texting, suggest_answers=True)
    text_in(texting, "A person please")
    run_jobs(texting)
    state = call(texting, "state")
    assert (state.taken_over, state.suggestion.text, state.waiting) == (True, "I'll get someone.", 1)
    call(texting, "send_suggestion", state.suggestion.id, ANNA)
    run_jobs(texting)
    assert on_twilio(twilio) == ["I'll get someone."]


def test_the_rest_of_a_cut_answer_goes_out_on_more(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    host.assistants.reply = lambda request: "One sentence that is here. " * 12
    change(texting, suggest_answers=True, max_message_length=100)
    text_in(texting, "Tell me all")
    run_jobs(texting)
    call(texting, "send_suggestion", waiting(texting).id, ANNA)
    run_jobs(texting)
    text_in(texting, "MORE")
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 2


def test_the_introduction_counts_once_it_is_sent(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    change(texting, suggest_answers=True, introduce=True)
    text_in(texting, "Hello?")
    run_jobs(texting)
    assert sessions(texting)[0].introduced_at is None
    call(texting, "send_suggestion", waiting(texting).id, ANNA)
    run_jobs(texting)
    assert sessions(texting)[0].introduced_at is not None


def test_housekeeping_lets_only_those_lapse_that_are_due(
    suggesting: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_house(suggesting)
    assert waiting(suggesting) is not None
    monkeypatch.setattr(suggestions, "claim", lambda *args: None)
    write(suggesting, SmsSuggestion, SmsSuggestion.id > 0, created_at=db_now(-86500.0))
    keep_house(suggesting)
    assert waiting(suggesting) is not None, "somebody has decided at the same moment"


def test_while_it_waits_the_session_is_one_for_people(suggesting: Flask) -> None:
    assert sessions(suggesting)[0].suggested_at is not None
    write(suggesting, SmsSession, SmsSession.id > 0, blocked_at=db_now())
    assert call(suggesting, "send_suggestion", waiting(suggesting).id, ANNA).reason is Refusal.BLOCKED
