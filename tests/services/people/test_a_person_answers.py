"""A person takes a session over, texts back and forth, and hands it back; the assistant knows what was said."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Answer, Person
from illumichat_sms_plugin.models import SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, inbound, keep_house, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

ANNA = Person("per_anna", "Anna")
BEN = Person("per_ben", "Ben")
CHAT = "conv_1"


@pytest.fixture
def answered(texting: Flask, host: MemoryHost) -> Flask:
    """The assistant has answered a first text."""
    host.contract_version = 4
    text_in(texting, "Is anybody there?")
    run_jobs(texting)
    return texting


def call(app: Flask, name: str, *args: Any) -> Any:
    with app.app_context():
        return getattr(app.extensions["illumichat_sms"].channel, name)(*args)


def send(app: Flask, text: str = "Anna here.", key: str = "k1", chat: str = CHAT) -> Sent | Refused:
    return call(app, "send", chat, text, ANNA, key)


def said(app: Flask) -> list[tuple[str, str | None]]:
    return [(row.kind, row.body) for row in outbound(app)]


def test_a_persons_text_goes_out_and_into_the_chat_with_the_name(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert isinstance(send(answered), Sent)
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Anna here."
    assert said(answered)[-1] == ("person", "Anna here.")
    (messages,) = host.chats.chats.values()
    assert (messages[-1].role, messages[-1].content, messages[-1].name) == ("person", "Anna here.", "Anna")


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


def test_the_same_key_sends_once(answered: Flask, twilio: Any) -> None:
    first = send(answered)
    assert send(answered, "Anna here, again.") == first
    run_jobs(answered)
    assert send(answered) == first
    run_jobs(answered)
    assert on_twilio(twilio).count("Anna here.") == 1


@pytest.mark.parametrize("keys", [("", ""), ("k" * 90, "k" * 91)], ids=["none", "long ones"])
def test_what_is_no_repetition_is_not_lost_as_one(answered: Flask, keys: tuple[str, str]) -> None:
    first, second = send(answered, "one", keys[0]), send(answered, "two", keys[1])
    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    assert first.id != second.id


def test_several_texts_go_out_in_their_order(answered: Flask, twilio: Any) -> None:
    for number in range(3):
        send(answered, f"Text {number}", f"k{number}")
    run_jobs(answered)
    assert on_twilio(twilio)[-3:] == ["Text 0", "Text 1", "Text 2"]


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda app: text_in(app, "STOP"), Refusal.OPTED_OUT),
        (lambda app: write(app, SmsSession, SmsSession.id > 0, blocked_at=db_now()), Refusal.BLOCKED),
        (lambda app: change(app, enabled=False), Refusal.DISABLED),
        (lambda app: sql(app, "UPDATE sms_channels SET paused_at = created_at, pause_reason = 'person'"), Refusal.PAUSED),
        (lambda app: sql(app, "UPDATE sms_channels SET attention_code = 20003"), Refusal.NOT_ACCEPTED),
        (lambda app: change(app, countries=("DE",)), Refusal.COUNTRY),
        (lambda app: change(app, answers_per_hour=1), Refusal.TOO_MANY),
    ],
)  # fmt: skip
def test_what_may_not_go_out_is_refused_with_a_sentence_now_and_later(
    answered: Flask, twilio: Any, arrange: Any, reason: Refusal
) -> None:
    before = send(answered, key="before")
    arrange(answered)
    refused = send(answered, key="after")
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.sentence.endswith(".")) == (reason, True)
    run_jobs(answered)
    assert "Anna here." not in on_twilio(twilio)
    assert isinstance(before, Sent)
    again = send(answered, key="before")
    assert isinstance(again, Refused)
    assert again.reason is reason
    assert call(answered, "state", CHAT).refusal == refused


@pytest.mark.parametrize(
    ("text", "chat", "reason"),
    [(" \n", CHAT, "empty"), ("x" * 1601, CHAT, "too_long"), ("Hi", "conv_of_the_web", "not_sms")],
)
def test_what_is_no_text_message_is_refused(answered: Flask, text: str, chat: str, reason: str) -> None:
    refused = send(answered, text, chat=chat)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


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


def test_the_assistant_hands_off_with_a_last_word_and_stops(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff="wants a person")
    text_in(answered, "A person please")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "I'll get someone."
    state = call(answered, "state", CHAT)
    assert (state.taken_over, state.by, state.why) == (True, None, "wants a person")
    text_in(answered, "Thanks")
    run_jobs(answered)
    assert len(host.assistants.requests) == 2
    call(answered, "take_over", CHAT, BEN)
    assert call(answered, "state", CHAT).by == "Ben"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("wants\x00 a\n person \ud83d", "wants a person \ufffd"),
        ("wants a person " * 10_000, ("wants a person " * 14)[:200]),
        ("\x00", "A person is to answer."),
    ],
    ids=["no Unicode", "150,000 characters", "nothing to read"],
)
def test_why_it_hands_off_may_be_anything(
    answered: Flask, twilio: Any, host: MemoryHost, written: str, kept: str
) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff=written)
    text_in(answered, "A person please")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "I'll get someone."
    assert call(answered, "state", CHAT).why == kept.strip()


def test_the_assistant_hands_off_without_a_word(answered: Flask, twilio: Any, host: MemoryHost) -> None:
    host.assistants.reply = lambda request: Answer(None, handoff="wants a person")
    text_in(answered, "A person please")
    run_jobs(answered)
    assert len(on_twilio(twilio)) == 1
    assert inbound(answered)[-1].no_reply_reason == "taken_over"
    assert call(answered, "state", CHAT).taken_over


def test_a_host_that_only_falls_silent_is_asked_about_every_text(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: None
    text_in(answered, "Hello?")
    run_jobs(answered)
    assert call(answered, "state", CHAT).taken_over
    host.assistants.reply = lambda request: "Here I am."
    text_in(answered, "Hello again?")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Here I am."
    assert not call(answered, "state", CHAT).taken_over


def test_an_older_host_gets_a_persons_text_as_the_assistants(answered: Flask, host: MemoryHost) -> None:
    host.contract_version = 3
    send(answered)
    run_jobs(answered)
    assert host.chats.transcript()[-1] == ("assistant", "Anna here.")


def test_the_host_is_told_who_answers_unless_it_says_so_itself(answered: Flask, host: MemoryHost) -> None:
    call(answered, "take_over", CHAT, BEN)
    assert host.chats.handled == []
    send(answered)
    assert host.chats.handled == [(CHAT, "Anna")]
    assert call(answered, "state", CHAT).by == "Ben"


def test_a_lost_job_is_found_by_housekeeping(answered: Flask, twilio: Any) -> None:
    send(answered)
    answered.extensions["illumichat_sms"].queue.connection().flushdb()
    write(answered, SmsSession, SmsSession.id > 0, last_message_at=db_now(-3600.0))
    keep_house(answered)
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Anna here."


def test_a_worker_killed_before_or_after_twilio_sends_at_most_once(
    answered: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker ends right after the row is committed: it is in doubt, looked for, not found, and sent once."""

    class Killed(BaseException):
        pass

    def die(*_args: Any, **_fields: Any) -> None:
        raise Killed

    send(answered)
    (session,) = sessions(answered)
    with monkeypatch.context() as patched, answered.app_context():
        patched.setattr(send_message, "send_text", die)
        with pytest.raises(Killed):
            answer_session(answered.extensions["illumichat_sms"], session.id)
    assert outbound(answered)[-1].send_state == "sending"
    run_jobs(answered)
    assert on_twilio(twilio).count("Anna here.") == 0
    for _ in range(4):
        sql(
            answered,
            "UPDATE sms_messages SET check_at = '2020-01-01 00:00:00+00:00' WHERE send_state IN ('sending', 'in_doubt')",
        )
        keep_house(answered)
    assert on_twilio(twilio).count("Anna here.") == 1
    assert outbound(answered)[-1].send_state == "accepted"


def test_a_persons_text_is_erased_with_the_texter(answered: Flask) -> None:
    from illumichat_sms_plugin.services.texters.erase_texter import erase_texter

    send(answered)
    run_jobs(answered)
    (session,) = sessions(answered)
    with answered.app_context():
        erase_texter(answered.extensions["illumichat_sms"], session.channel_id, session.id)
    assert sql(answered, f"SELECT count(*) FROM {SmsPersonText.__tablename__}").scalar() == 0


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
