"""Texts that another system sent from the channel's number become part of session and chat, and of no figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.recount import differences, recount
from illumichat_sms_plugin.services.answering import other_texts
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up
from illumichat_sms_plugin.services.sessions.conversation import read_texts
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from tests.services.reconcile.missed_texts import connected_long_ago
from tests.support.channels import inbound, keep_house, messages, outbound, run_jobs, sql, write
from tests.support.counting import asked_of
from tests.support.listed_texts import listed_text
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TEXTER, text_in

REMINDER = "Your appointment is at 10, reply C to confirm."
ANOTHER = "+15557650001"
MARKED = f"[sent by another system]\n{REMINDER}"


def remind(twilio: Any, body: str = REMINDER, *, to: str = TEXTER, age: float = 60.0) -> str:
    """What a system for reminders does: it asks the account's REST API, ``age`` seconds ago; the SID."""
    twilio.wait_idle(5)
    sent = requests.post(
        f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
        {"From": NUMBER, "To": to, "Body": body},
        auth=(ACCOUNT_SID, AUTH_TOKEN),
        timeout=5,
    )
    assert sent.status_code == 201, sent.text
    sid: str = sent.json()["sid"]
    twilio.wait_idle(5)
    make_older(twilio, sid, age)
    return sid


def make_older(twilio: Any, sid: str, age: float) -> None:
    message = twilio.store.messages[sid]
    message.date_created -= age
    message.date_sent = message.date_created


def compare(app: Flask) -> None:
    """Let the next comparison with Twilio's list be due, and make it."""
    write(app, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    keep_house(app)
    run_jobs(app)


def file(app: Flask) -> None:
    """What the sweep does some seconds later: the chat gets what it lacks."""
    with app.app_context():
        for session in {(row.session_id, row.channel_id) for row in others(app)}:
            current_runtime().queue.answer_session(*session)
    run_jobs(app)


def others(app: Flask) -> list[Any]:
    return [row for row in messages(app) if row.direction == "other"]


def sees_others(app: Flask) -> bool:
    with app.app_context(), transaction() as connection:
        return connection.scalar(select(SmsChannel.others_at)) is not None


def figures(app: Flask) -> Any:
    with app.app_context():
        assistant = current_runtime().host.assistants.find("ast_support")
        assert not differences(current_runtime(), assistant, 7)
        return recount(current_runtime(), assistant, 7)


@pytest.fixture
def answered(texting: Flask, twilio: Any) -> Flask:
    """A texter whose first text was answered."""
    connected_long_ago(texting)
    text_in(texting, "Hello?")
    run_jobs(texting)
    twilio.wait_idle(5)
    return texting


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


# What is never taken for another system's


IN_DOUBT = {
    "it is being sent": "sending",
    "it is in doubt": "in_doubt",
    "a person decides": "unsettled",
}


@pytest.mark.parametrize("state", IN_DOUBT.values(), ids=IN_DOUBT)
@pytest.mark.parametrize("body", ["as it was", "as Twilio has changed it"])
def test_a_text_of_ours_that_was_not_written_down(
    answered: Flask, twilio: Any, state: str, body: str
) -> None:
    """Twilio has it, and our row knows no SID."""
    sql(
        answered,
        f"UPDATE sms_messages SET send_state = '{state}', message_sid = NULL, check_at = '2999-01-01 00:00:00+00:00' "
        "WHERE direction = 'outbound'",
    )
    if body != "as it was":
        for message in twilio.messages(created_by="api"):
            message.body = "We are open from 9 - 17."
    write(answered, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    with answered.app_context():
        catch_up(current_runtime())
    assert others(answered) == []
    assert not sees_others(answered)


def test_an_older_reminder_with_the_words_of_a_text_in_doubt_is_theirs(answered: Flask, twilio: Any) -> None:
    remind(twilio, outbound(answered)[0].body, age=7200.0)
    sql(answered, "UPDATE sms_messages SET send_state = 'failed' WHERE direction = 'outbound'")
    compare(answered)
    assert len(others(answered)) == 1


def _of_the_doctor(app: Flask, twilio: Any) -> None:
    twilio.store.messages[remind(twilio)].to = NUMBER


def _never_arrived(app: Flask, twilio: Any) -> None:
    twilio.store.messages[remind(twilio)].status = "undelivered"


def _by_twilio_itself(app: Flask, twilio: Any) -> None:
    twilio.store.messages[remind(twilio)].direction = "outbound-reply"


def _long_before_the_session(app: Flask, twilio: Any) -> None:
    remind(twilio, age=25 * 3600.0)


def _before_the_channel_was_connected(app: Flask, twilio: Any) -> None:
    write(app, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-30.0), created_at=db_now(-30.0))
    remind(twilio, age=600.0)


def _without_a_chat(app: Flask, twilio: Any) -> None:
    write(app, SmsSession, SmsSession.id > 0, chat_id=None)
    remind(twilio)


@pytest.mark.parametrize(
    "arrange",
    [
        _of_the_doctor,
        _never_arrived,
        _by_twilio_itself,
        _long_before_the_session,
        _before_the_channel_was_connected,
        _without_a_chat,
    ],
    ids=lambda arrange: arrange.__name__.strip("_").replace("_", " "),
)
def test_what_stays_out(answered: Flask, twilio: Any, arrange: Callable[[Flask, Any], None]) -> None:
    arrange(answered, twilio)
    compare(answered)
    assert others(answered) == []


def test_an_erased_texters_reminder_does_not_come_back(answered: Flask, twilio: Any) -> None:
    remind(twilio)
    compare(answered)
    (row,) = others(answered)
    with answered.app_context():
        erase_texter(current_runtime(), row.channel_id, row.session_id)
    text_in(answered, "Hello again")
    run_jobs(answered)
    compare(answered)
    assert others(answered) == []


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


def test_a_system_that_reminds_all_the_time_makes_nobody_a_machine(answered: Flask, twilio: Any) -> None:
    for number in range(12):
        remind(twilio, "The same again", age=60.0 - number)
    compare(answered)
    text_in(answered, "Stop by tomorrow?")
    run_jobs(answered)
    assert inbound(answered)[-1].answer_id is not None


def test_two_workers_that_find_it_at_once_record_it_once(answered: Flask, twilio: Any) -> None:
    """The second one asked Twilio before the first had written it down."""
    remind(twilio)
    with answered.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
        assert channel.credentials is not None
        listed = list(list_texts(runtime.twilio.get(channel.credentials), from_number=NUMBER))
        found = other_texts._of_others(runtime, channel, listed)
        (session,) = {row.session_id for row in messages(answered)}
        recorded = [other_texts._record(channel, found, {TEXTER: session}) for _ in range(2)]
    assert recorded == [1, 0]


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


def test_a_thousand_to_strangers_cost_some_questions_and_not_one_each(answered: Flask) -> None:
    listed = [
        listed_text(
            sid=f"SM{number:032x}",
            direction="outbound-api",
            from_number=NUMBER,
            to_number=f"+1555{number:07}",
            status="delivered",
        )
        for number in range(1000)
    ]
    with answered.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
        with asked_of(answered.extensions["sqlalchemy"].engine) as asked:
            assert other_texts.record_listed(runtime, channel, listed) == 0
    assert len(asked.statements) <= 15
    assert sees_others(answered)
