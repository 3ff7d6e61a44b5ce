"""Texts that another system sent from the channel's number become part of session and chat, and of no figure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.recount import differences, recount
from illumichat_sms_plugin.services.answering import other_texts
from illumichat_sms_plugin.services.sessions.conversation import read_texts
from tests.services.reconcile.reminders import (
    ANOTHER,
    MARKED,
    REMINDER,
    compare,
    file,
    others,
    remind,
    sees_others,
)
from tests.support.channels import inbound, keep_house, outbound, run_jobs, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def figures(app: Flask) -> Any:
    with app.app_context():
        assistant = current_runtime().host.assistants.find("ast_support")
        assert not differences(current_runtime(), assistant, 7)
        return recount(current_runtime(), assistant, 7)


def test_catch_up_brings_a_reminder_into_session_and_chat_marked_and_once(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    sid = remind(twilio)
    for _ in range(2):
        compare(answered)
    file(answered)
    (row,) = others(answered)
    assert (row.message_sid, row.body, row.check_at, row.answer_id) == (sid, REMINDER, None, None)
    assert host.chats.transcript()[-1] == ("assistant", MARKED)
    (chat,) = host.chats.chats.values()
    assert abs(chat[-1].created_at - row.sent_at) < timedelta(seconds=0.01)
    with answered.app_context():
        shown = read_texts(row.session_id, limit=1).texts[0]
    assert (shown.direction, shown.kind, shown.words.label) == ("outbound", "other", "Sent by another system")
    assert shown.actions == ()


def test_it_is_in_no_figure_and_no_limit(answered: Flask, twilio: Any) -> None:
    def counted() -> Any:
        with answered.app_context(), transaction() as connection:
            columns = SmsSession.hour_answers, SmsSession.day_answers, SmsSession.last_message_at
            return connection.execute(select(*columns)).one()

    before = figures(answered), counted()
    remind(twilio)
    compare(answered)
    assert len(others(answered)) == 1
    assert (figures(answered), counted()) == before


def test_the_answer_to_it_is_understood_when_the_channel_has_seen_one_lately(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    """The reminder went out after the last comparison."""
    remind(twilio, "Welcome to the clinic.")
    compare(answered)
    assert sees_others(answered)
    remind(twilio, age=20.0)
    seen: list[Any] = []
    host.assistants.reply = lambda request: seen.extend(host.chats.transcript()) or "See you at 10."
    text_in(answered, "C")
    run_jobs(answered)
    assert seen[-2:] == [("assistant", MARKED), ("user", "C")]
    assert "sent by another system" in host.assistants.requests[-1].instructions
    assert outbound(answered)[-1].body == "See you at 10."
    compare(answered)
    assert len(others(answered)) == 2


def test_who_has_never_texted_gets_no_session_and_the_first_text_brings_the_newest_along(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    for number in range(7):
        remind(twilio, f"Reminder {number}", to=ANOTHER, age=60.0 - number)
    remind(twilio, "An old one", to=ANOTHER, age=2 * 86400.0)
    compare(answered)
    assert others(answered) == []
    text_in(answered, "C", From=ANOTHER)
    run_jobs(answered)
    assert [row.body for row in others(answered)] == [f"Reminder {number}" for number in range(2, 7)]
    _first, second = host.chats.chats.values()
    assert [entry.content for entry in second][-3:-1] == ["[sent by another system]\nReminder 6", "C"]


def test_a_channel_that_never_saw_one_asks_twilio_nothing_before_an_answer(
    answered: Flask, twilio: Any
) -> None:
    before = lists(twilio)
    text_in(answered, "And tomorrow?")
    run_jobs(answered)
    assert lists(twilio) == before


def test_an_answer_asks_once_however_often_the_assistant_is_asked(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    remind(twilio)
    compare(answered)
    before = lists(twilio)
    answers = iter([RuntimeError("no"), "Yes."])

    def reply(request: Any) -> str:
        said = next(answers)
        if isinstance(said, Exception):
            raise said
        return said

    host.assistants.reply = reply
    text_in(answered, "And tomorrow?")
    run_jobs(answered)
    write(answered, SmsSession, SmsSession.id > 0, retry_at=db_now(-1.0))
    keep_house(answered)
    run_jobs(answered)
    assert outbound(answered)[-1].body == "Yes."
    assert lists(twilio) - before == 1


@pytest.mark.parametrize("fault", ["outage", "hang_before_accepting"])
def test_an_answer_goes_on_without_a_list(
    answered: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    remind(twilio)
    compare(answered)
    monkeypatch.setattr(other_texts, "PATIENCE", 0.000_001 if fault.startswith("hang") else 0.3)
    calls: list[Any] = []
    look_up = other_texts.look_up

    def stricken(*args: Any, **kwargs: Any) -> bool:
        if fault == "outage":
            twilio.add_fault("outage", count=None)
        calls.append(look_up(*args, **kwargs))
        twilio.clear_faults()
        return bool(calls[-1])

    monkeypatch.setattr("illumichat_sms_plugin.services.answering.answer_session.look_up", stricken)
    text_in(answered, "And tomorrow?")
    run_jobs(answered)
    assert calls == [False]
    assert inbound(answered)[-1].answer_id is not None


def lists(twilio: Any) -> int:
    """How often Twilio was asked what a number has sent to one texter."""
    return sum(
        "/Messages.json?" in request.path and "From=" in request.path and "To=" in request.path
        for request in twilio.store.requests
    )


def test_a_reminder_after_a_long_silence_begins_the_new_conversation(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    """The number may be somebody else's by now: the answer to the reminder must not meet the old chat."""
    sql(answered, "UPDATE sms_messages SET created_at = '2020-01-01 00:00:00+00:00'")
    remind(twilio)
    compare(answered)
    text_in(answered, "C")
    run_jobs(answered)
    old, new = host.chats.chats.values()
    assert REMINDER not in str([entry.content for entry in old])
    assert [entry.content for entry in new][:2] == [MARKED, "C"]


def test_a_person_who_takes_over_and_hands_back_leaves_it_alone(answered: Flask, twilio: Any) -> None:
    sms, anna = answered.extensions["illumichat_sms"].channel, Person("per_anna", "Anna")
    remind(twilio)
    with answered.app_context():
        sms.take_over("conv_1", anna)
    compare(answered)
    with answered.app_context():
        sms.hand_back("conv_1", anna)
    file(answered)
    (row,) = others(answered)
    assert (row.no_reply_reason, row.in_chat) == (None, True)
