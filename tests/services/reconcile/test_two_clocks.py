"""The database's clock and Twilio's are two: neither being wrong, nor being set right, decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, SmsConsentEvent, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.send_message import longest_lease
from illumichat_sms_plugin.services.leases import take_session
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up_channel
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from tests.services.reconcile.doubt import look
from tests.services.reconcile.missed_texts import missed
from tests.support.channels import connect, inbound, keep_house, outbound, run_jobs, sessions, write
from tests.support.database_clock import DatabaseClock, database_clock
from tests.support.twilio_requests import TEXTER, text_in

AHEAD = pytest.mark.parametrize("minutes", [-60, -6, 0, 6, 60])


@pytest.fixture
def asking(make: Callable[..., Flask], twilio: Any) -> Flask:
    """A connected app whose waiting times are short."""
    app = make(
        SMS_TWILIO_API_URL=twilio.url,
        SMS_TWILIO_READ_TIMEOUT=0.5,
        SMS_SETTLE_INTERVAL=0.1,
        SMS_CATCH_UP_AFTER=0.1,
    )
    connect(app)
    return app


@pytest.fixture
def clock(asking: Flask) -> Iterator[DatabaseClock]:
    with database_clock(asking) as found:
        yield found


@AHEAD
def test_a_text_in_doubt_that_twilio_has_is_never_sent_again(
    asking: Flask, clock: DatabaseClock, twilio: Any, minutes: int
) -> None:
    clock.forward(timedelta(minutes=minutes))
    twilio.add_fault("reset_after_accepting")
    twilio.add_fault("dropped_callbacks", count=None)
    text_in(asking)
    run_jobs(asking)
    assert outbound(asking)[0].send_state == "in_doubt"
    for _ in range(4):
        look(asking)
    assert outbound(asking)[0].send_state == "accepted"
    assert len(twilio.messages(to=TEXTER, created_by="api")) == 1


def fetched(app: Flask, twilio: Any, body: str, age: float) -> None:
    """A text that only Twilio's list has comes by catch-up."""
    missed(twilio, body, age)
    with app.app_context():
        assert catch_up_channel(current_runtime(), 1) == 1


@AHEAD
@pytest.mark.parametrize(("age", "opted_out"), [(5.0, True), (300.0, False)])
def test_a_stop_that_was_missed_counts_unless_start_came_after_it(
    *, asking: Flask, clock: DatabaseClock, twilio: Any, minutes: int, age: float, opted_out: bool
) -> None:
    clock.forward(timedelta(minutes=minutes))
    write(asking, SmsChannel, SmsChannel.id > 0, connected_at=datetime.now(UTC) - timedelta(days=1))
    text_in(asking, "STOP")
    text_in(asking, "START")
    write(asking, SmsConsentEvent, SmsConsentEvent.id > 0, created_at=db_now(-60.0))
    fetched(asking, twilio, "STOP", age)
    assert (sessions(asking)[0].opted_out_at is not None) is opted_out


def test_a_missed_text_that_is_young_is_answered_though_the_database_is_ahead(
    asking: Flask, clock: DatabaseClock, twilio: Any
) -> None:
    clock.forward(timedelta(hours=3))
    write(asking, SmsChannel, SmsChannel.id > 0, connected_at=datetime.now(UTC) - timedelta(days=1))
    fetched(asking, twilio, "are you there?", 5.0)
    run_jobs(asking)
    assert inbound(asking)[0].no_reply_reason is None
    assert inbound(asking)[0].answer_id


def test_a_lease_is_over_though_the_databases_clock_was_set_back(asking: Flask, clock: DatabaseClock) -> None:
    clock.forward(timedelta(hours=1))
    text_in(asking)
    session = sessions(asking)[0]
    with asking.app_context():
        runtime = current_runtime()
        longest = longest_lease(runtime)
        assert take_session(session.id, 60.0, longest)
        write(asking, SmsSession, SmsSession.id == session.id, swept_at=db_now())
        runtime.queue.connection().flushall()
        clock.forward(timedelta(hours=-1))
        assert sweep_sessions(runtime) == 1
        assert take_session(session.id, 60.0, longest), "its worker may have died"
        assert not take_session(session.id, 60.0, longest), "a lease of now is a lease"


@AHEAD
def test_texts_are_fetched_from_the_moment_of_connecting_on(
    asking: Flask, clock: DatabaseClock, twilio: Any, minutes: int
) -> None:
    """Once Twilio has answered anything at all: before that nobody knows what time it is there."""
    clock.forward(timedelta(minutes=minutes))
    with asking.app_context():
        assert catch_up_channel(current_runtime(), 1) == 0
    write(asking, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-60.0))
    missed(twilio, "to the previous owner", 300.0)
    with asking.app_context():
        assert catch_up_channel(current_runtime(), 1) == 0
    fetched(asking, twilio, "are you there?", 5.0)


def test_the_next_comparison_comes_though_the_databases_clock_was_set_back(
    asking: Flask, clock: DatabaseClock, twilio: Any
) -> None:
    clock.forward(timedelta(hours=1))
    keep_house(asking)
    clock.forward(timedelta(hours=-1))
    write(asking, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-3600.0))
    missed(twilio, "are you there?", 5.0)
    keep_house(asking)
    assert [text.body for text in inbound(asking)] == ["are you there?"]
