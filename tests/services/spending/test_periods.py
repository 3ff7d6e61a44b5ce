"""A new day and a new month begin at nothing; what a text has cost counts in its own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsSpending
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.spending import (
    SpendingLimits,
    Spent,
    correct,
    correct_all,
    day_of,
    end_of,
    millionths,
    month_of,
    spend,
)
from tests.services.spending.asking import NOON, QUESTIONS, ask
from tests.support.channels import outbound, sql, write
from tests.support.counting import asked_of


def test_a_price_takes_the_place_of_what_was_reserved(texting: Flask) -> None:
    ask(texting, QUESTIONS[0])
    (message,) = outbound(texting)
    with texting.app_context(), transaction() as connection:
        correct(connection, message, 50_000)
    row = sql(texting, "SELECT day_money, month_money FROM sms_spending").one()
    assert tuple(row) == (50_000, 50_000)
    write(texting, SmsSpending, SmsSpending.channel_id == 1, day=1, month=1)
    with texting.app_context(), transaction() as connection:
        correct(connection, message, 60_000)
    row = sql(texting, "SELECT day_money, month_money FROM sms_spending").one()
    assert tuple(row) == (50_000, 50_000), "its day and its month are over"


def test_prices_of_one_day_are_corrected_together(texting: Flask) -> None:
    ask(texting, QUESTIONS[0])
    ask(texting, QUESTIONS[1])
    reserved = sum(message.reserved for message in outbound(texting))
    costs = [(message, message.reserved + 1_000) for message in outbound(texting)]
    with texting.app_context(), transaction() as connection, asked_of(connection.engine) as asked:
        correct_all(connection, costs)
    assert len(asked.statements) == 1
    assert sql(texting, "SELECT day_money FROM sms_spending").scalar_one() == reserved + 2_000


def test_a_new_day_and_a_new_month_begin_at_nothing(texting: Flask) -> None:
    limits = SpendingLimits(segments_per_day=10, money_per_month=100)
    with texting.app_context(), transaction() as connection:
        spend(connection, 1, limits, segments=10, money=50, now=NOON)
        assert spend(connection, 1, limits, segments=1, money=1, now=NOON) is None
        tomorrow = datetime(2031, 1, 1, 0, 0, 1, tzinfo=UTC)
        assert spend(connection, 1, limits, segments=1, money=1, now=tomorrow) == Spent(1, 1, 1)


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("segments", datetime(2031, 1, 1, tzinfo=UTC)),
        ("money_day", datetime(2031, 1, 1, tzinfo=UTC)),
        ("money_month", datetime(2031, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_ends_at_midnight(reason: str, end: datetime) -> None:
    assert end_of(reason, NOON) == end
    assert day_of(end) == day_of(NOON) + 1
    assert month_of(end) == month_of(NOON) + 1


@pytest.mark.parametrize(("amount", "found"), [(None, None), ("0.10", 100_000), ("12", 12_000_000)])
def test_amounts_in_millionths(amount: str | None, found: int | None) -> None:
    assert millionths(amount) == found


def test_the_least_that_is_left_is_the_highest_price() -> None:
    limits = SpendingLimits(segments_per_day=1, money_per_day=1_000_000, money_per_month=5_000_000)
    assert Spent(1, 400_000, 4_900_000).left(limits, 8_300) == Decimal("0.1083")
    assert Spent(1, 0, 0).left(SpendingLimits(segments_per_day=1), 8_300) is None
