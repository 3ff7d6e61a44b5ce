"""What is never taken for another system's text, or not brought into the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import other_texts
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from tests.services.reconcile.reminders import compare, others, remind, sees_others
from tests.support.channels import inbound, messages, outbound, run_jobs, sql, write
from tests.support.counting import asked_of
from tests.support.listed_texts import listed_text
from tests.support.twilio_requests import NUMBER, TEXTER, text_in

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
