"""Counting for all processes together."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import rate_limit
from illumichat_sms_plugin.services.rate_limit import spend
from tests.support.database_clock import database_clock

NOON = datetime.fromtimestamp(1_800_000_000, UTC)
"""The beginning of a period of a minute."""


def test_the_limit_is_kept_and_ends_with_its_period(app: Flask):
    with app.app_context(), database_clock(app) as clock:
        clock.set(NOON)
        for _ in range(3):
            spend("x", limit=3, period=60)
        with pytest.raises(RateLimited) as caught:
            spend("x", limit=3, period=60)
        assert 30 <= caught.value.retry_after <= 61
        spend("y", limit=3, period=60)
        clock.forward(timedelta(seconds=caught.value.retry_after))
        spend("x", limit=3, period=60)


def test_of_many_at_once_no_more_than_the_limit_get_through(app: Flask):
    through: list[int] = []
    start = threading.Barrier(8)

    def one() -> None:
        with app.app_context():
            start.wait(10)
            try:
                spend("race", limit=5, period=3600)
                through.append(1)
            except RateLimited:
                pass

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(through) == 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_machine_whose_clock_is_wrong_changes_nothing(app: Flask):
    with app.app_context(), database_clock(app) as clock:
        clock.set(NOON)
        with time_machine.travel(NOON + timedelta(hours=1)):
            spend("x", limit=1, period=60)
        with time_machine.travel(NOON - timedelta(hours=1)), pytest.raises(RateLimited):
            spend("x", limit=1, period=60)


def test_after_the_databases_clock_was_set_back_counting_goes_on(app: Flask):
    with app.app_context(), database_clock(app) as clock:
        clock.set(NOON + timedelta(hours=1))
        spend("x", limit=1, period=60)
        clock.set(NOON)
        spend("x", limit=1, period=60)
        with pytest.raises(RateLimited):
            spend("x", limit=1, period=60)


def test_counts_whose_period_is_over_are_forgotten_a_bounded_number_at_a_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rate_limit, "BATCH", 2)
    with app.app_context(), database_clock(app) as clock:
        clock.set(NOON)
        for subject in "abc":
            spend(subject, limit=1, period=60)
        spend("day", limit=1, period=86400)
        assert rate_limit.forget_old_counts(current_runtime()) == 0
        clock.forward(timedelta(seconds=61))
        assert [rate_limit.forget_old_counts(current_runtime()) for _ in range(3)] == [2, 1, 0]
        with pytest.raises(RateLimited):
            spend("day", limit=1, period=86400)
