"""What a person writes goes out once, in its order and into the chat, or is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.services.people.talk import CHAT, call, said, send
from tests.support.channels import change, keep_house, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def test_a_persons_text_goes_out_and_into_the_chat_with_the_name(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert isinstance(send(answered), Sent)
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Anna here."
    assert said(answered)[-1] == ("person", "Anna here.")
    (messages,) = host.chats.chats.values()
    assert (messages[-1].role, messages[-1].content, messages[-1].name) == ("person", "Anna here.", "Anna")


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


def test_an_older_host_gets_a_persons_text_as_the_assistants(answered: Flask, host: MemoryHost) -> None:
    host.contract_version = 3
    send(answered)
    run_jobs(answered)
    assert host.chats.transcript()[-1] == ("assistant", "Anna here.")


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
