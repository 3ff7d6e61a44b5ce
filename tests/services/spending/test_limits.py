"""What counts against a channel's limits, and what becomes of it when one is reached."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsRate, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.spending import (
    SpendingLimits,
    Spent,
    spend,
)
from tests.services.answering.answers import on_twilio
from tests.services.spending.asking import NOON, QUESTIONS, ask, reasons, settings, state
from tests.support.channels import OWNER, change, connect, outbound, sessions, sql, write
from tests.support.memory_host import MemoryHost


def test_segments_pause_the_channel_and_resume_lets_it_go_on(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    change(texting, segments_per_day=2)
    ask(texting, *QUESTIONS[:4])
    assert reasons(texting) == [None, None, "paused", "paused"]
    assert len(on_twilio(twilio)) == len(host.assistants.requests) == 2
    assert state(texting).code == "paused"
    assert settings(texting).pause.kept_back == 2
    assert settings(texting).pause.reason == "segments"
    with texting.app_context():
        assert pauses.resume(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[4])
    assert len(on_twilio(twilio)) == 3


def test_money_pauses_it_too_and_each_text_has_a_highest_price(texting: Flask, twilio: Any) -> None:
    change(texting, money_per_day="0.02")
    ask(texting, *QUESTIONS[:4])
    assert reasons(texting) == [None, None, None, "paused"]
    assert [row.reserved for row in outbound(texting)] == [8300, 8300, 8300]
    assert settings(texting).pause.reason == "money_day"
    assert settings(texting).used[1].used == Decimal("0.02")
    assert [message.max_price for message in twilio.messages(created_by="api")][:1] == ["0.0200"]


def test_without_a_limit_in_money_there_is_no_highest_price(texting: Flask, twilio: Any) -> None:
    ask(texting, QUESTIONS[0])
    assert [message.max_price for message in twilio.messages(created_by="api")] == [None]


def test_what_the_country_cost_before_counts(texting: Flask) -> None:
    with texting.app_context(), transaction() as connection:
        connection.execute(
            SmsRate.__table__.insert().values(channel_id=1, country="US", segment=75_000, currency="USD")
        )
    ask(texting, QUESTIONS[0])
    assert outbound(texting)[0].reserved == 75_000


def test_a_refused_text_costs_nothing(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606)
    ask(texting, QUESTIONS[0])
    assert sql(texting, "SELECT day_money FROM sms_spending").scalar_one() == 0


def test_a_limit_that_is_lowered_below_what_is_used_pauses_with_the_next_text(texting: Flask) -> None:
    ask(texting, *QUESTIONS[:3])
    change(texting, segments_per_day=2)
    ask(texting, *QUESTIONS[3:])
    assert reasons(texting)[3:] == ["paused", "paused"]


def test_from_80_percent_the_page_warns(texting: Flask) -> None:
    change(texting, segments_per_day=5)
    ask(texting, *QUESTIONS[:4])
    assert state(texting).code == "needs_attention"
    assert "4 of 5 used (80 %)" in state(texting).sentence


def test_one_number_gets_so_many_answers_an_hour_and_a_day(texting: Flask, twilio: Any) -> None:
    change(texting, answers_per_hour=2, answers_per_day=3)
    ask(texting, *QUESTIONS[:3])
    assert reasons(texting) == [None, None, "rate_limited"]
    write(texting, SmsSession, SmsSession.id > 0, hour_from=datetime(2020, 1, 1, tzinfo=UTC))
    ask(texting, *QUESTIONS[3:])
    assert reasons(texting)[3:] == [None, "rate_limited"]


def test_the_assistant_is_asked_twice_as_often_at_most(texting: Flask, host: MemoryHost) -> None:
    change(texting, answers_per_hour=2)
    ask(texting, QUESTIONS[0])
    (session,) = sessions(texting)
    assert (session.hour_answers, session.hour_calls, session.day_calls) == (1, 1, 1)
    write(texting, SmsSession, SmsSession.id > 0, hour_calls=4)
    ask(texting, QUESTIONS[1])
    assert reasons(texting) == [None, "rate_limited"]


def test_an_operator_bounds_what_an_admin_may_set(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_SEGMENTS_PER_DAY_BOUND=1)
    connect(app)
    ask(app, *QUESTIONS[:2])
    assert reasons(app) == [None, "paused"]


@pytest.mark.parametrize(
    ("limits", "sent"),
    [
        (SpendingLimits(segments_per_day=10), 4),
        (SpendingLimits(segments_per_day=1000, money_per_day=100_000), 5),
        (SpendingLimits(segments_per_day=1000, money_per_month=100_000), 5),
    ],
    ids=["segments", "money of a day", "money of a month"],
)
def test_twenty_at_once_go_over_a_limit_by_one_text_at_most(
    texting: Flask, limits: SpendingLimits, sent: int
) -> None:
    allowed: list[Spent | None] = []

    def one() -> None:
        for _ in range(5):
            with texting.app_context(), transaction() as connection:
                allowed.append(spend(connection, 1, limits, segments=3, money=24_900, now=NOON))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(1 for each in allowed if each) == sent
    assert len(allowed) == 100
