"""Counting for all processes together."""

from __future__ import annotations

import threading

import pytest
import time_machine
from flask import Flask

from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.services.rate_limit import spend

NOON = 1_800_000_000.0  # a multiple of 60


def test_the_limit_is_kept_and_ends_with_its_period(app: Flask):
    with app.app_context(), time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            spend("x", limit=3, period=60)
        with pytest.raises(RateLimited) as caught:
            spend("x", limit=3, period=60)
        assert 60 <= caught.value.retry_after <= 61
        spend("y", limit=3, period=60)
        clock.shift(caught.value.retry_after)
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


def test_a_machine_whose_clock_is_behind_does_not_start_the_count_anew(app: Flask):
    with app.app_context():
        with time_machine.travel(NOON + 60, tick=False):
            spend("x", limit=1, period=60)
        with time_machine.travel(NOON, tick=False), pytest.raises(RateLimited):
            spend("x", limit=1, period=60)
