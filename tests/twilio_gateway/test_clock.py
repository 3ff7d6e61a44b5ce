"""Twilio's clock, as the dates of its answers tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from illumichat_sms_plugin.twilio_gateway.clock import TwilioClock


def test_before_the_first_answer_nobody_knows():
    assert TwilioClock().now() is None


@pytest.mark.parametrize("name", ["Date", "date", "DATE"])
def test_it_goes_on_from_the_newest_answer(name: str):
    clock = TwilioClock()
    clock.read({name: "Sat, 14 Nov 2026 08:00:00 GMT"})
    clock.read({name: "Sat, 14 Nov 2026 09:00:00 +0000"})
    now = clock.now()
    assert now is not None
    assert 0.0 <= (now - datetime(2026, 11, 14, 9, tzinfo=UTC)).total_seconds() < 60.0


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Sat, 99 Nov 2026 08:00:00 GMT",
        "Sat, 14 Nov 99999999999999999999 08:00:00 GMT",
        "1" * 5000,
    ],
)
def test_a_date_that_is_none_changes_nothing(date: str):
    clock = TwilioClock()
    clock.read({"Date": date})
    clock.read({})
    assert clock.now() is None
