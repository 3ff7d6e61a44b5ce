"""A first text goes out by day, in every zone that its number may be in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illumichat_sms_plugin.quiet_hours import day_left, is_day, next_day, zones_of

NEW_YORK, LOS_ANGELES, BERLIN, GUAM, KOLKATA = (
    ("America/New_York",),
    ("America/Los_Angeles",),
    ("Europe/Berlin",),
    ("Pacific/Guam",),
    ("Asia/Kolkata",),
)
COASTS = NEW_YORK + LOS_ANGELES


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550123", NEW_YORK),
        ("+14155550100", LOS_ANGELES),
        ("+4915112345678", BERLIN),
        ("+919876543210", ("Asia/Calcutta",)),
        ("nobody", ()),
        ("+99900012345", ()),
    ],
)
def test_the_zones_of_a_number(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of(number) == zones


def test_a_number_that_is_in_no_table_may_be_in_any_zone_of_its_calling_code() -> None:
    assert {"America/New_York", "Pacific/Honolulu", "Pacific/Guam"} <= set(zones_of("+15551234567"))


@pytest.mark.parametrize(
    ("now", "zones", "day", "may_go_from"),
    [
        ("2026-01-15 12:59", NEW_YORK, False, "2026-01-15 13:00"),
        ("2026-01-15 13:00", NEW_YORK, True, "2026-01-15 13:00"),
        ("2026-01-16 01:59", NEW_YORK, True, "2026-01-16 01:59"),
        ("2026-01-16 02:00", NEW_YORK, False, "2026-01-16 13:00"),
        # in summer an hour earlier, and on the days when the clocks change
        ("2026-07-15 11:59", NEW_YORK, False, "2026-07-15 12:00"),
        ("2026-03-08 03:00", NEW_YORK, False, "2026-03-08 12:00"),
        ("2026-11-01 02:00", NEW_YORK, False, "2026-11-01 13:00"),
        ("2026-03-29 05:59", BERLIN, False, "2026-03-29 06:00"),
        ("2026-10-25 06:30", BERLIN, False, "2026-10-25 07:00"),
        # a zone that is half an hour off
        ("2026-01-15 02:29", KOLKATA, False, "2026-01-15 02:30"),
        ("2026-01-15 15:30", KOLKATA, False, "2026-01-16 02:30"),
        # several zones: day in all of them
        ("2026-01-15 15:59", COASTS, False, "2026-01-15 16:00"),
        ("2026-01-16 01:59", COASTS, True, "2026-01-16 01:59"),
        ("2026-01-16 02:00", COASTS, False, "2026-01-16 16:00"),
        ("2026-01-15 12:00", NEW_YORK + GUAM, False, "2026-01-15 22:00"),
        # never day in all of them, and nobody knows where
        ("2026-01-15 12:00", ("Pacific/Pago_Pago", "Etc/GMT-1", "Etc/GMT+5", "Etc/GMT-6"), False, None),
        ("2026-01-15 12:00", (), False, None),
    ],
)
def test_when_it_is_day(now: str, zones: tuple[str, ...], day: bool, may_go_from: str | None) -> None:
    assert is_day(utc(now), zones, 8, 21) is day
    assert next_day(utc(now), zones, 8, 21) == (utc(may_go_from) if may_go_from else None)


@pytest.mark.parametrize("zones", [COASTS, ()])
def test_a_day_of_24_hours_has_no_night(zones: tuple[str, ...]) -> None:
    assert is_day(utc("2026-01-15 09:00"), zones, 0, 24)
    assert day_left(utc("2026-01-15 09:00"), zones, 0, 24) > 86400


@pytest.mark.parametrize(
    ("now", "zones", "left"),
    [
        ("2026-01-16 01:30", NEW_YORK, 1800),
        ("2026-01-16 01:30", COASTS, 1800),
        ("2026-01-16 02:00", NEW_YORK, 0),
        ("2026-01-15 12:00", (), 0),
    ],
)
def test_how_much_of_the_day_is_left(now: str, zones: tuple[str, ...], left: int) -> None:
    assert day_left(utc(now), zones, 8, 21) == left


@settings(max_examples=50)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.lists(st.sampled_from([*COASTS, *BERLIN, *KOLKATA, "Australia/Lord_Howe"]), min_size=1, max_size=3),
)
def test_the_next_moment_is_day_and_none_before_it_is(now: datetime, zones: list[str]) -> None:
    at = next_day(now, zones, 8, 21)
    for back in range(15, 24 * 60, 15) if at and at > now else ():
        earlier = at - timedelta(minutes=back)
        assert earlier < now or not is_day(earlier, zones, 8, 21)
    assert at is None or (at >= now and is_day(at, zones, 8, 21))
    assert at is None or is_day(at + timedelta(seconds=max(day_left(at, zones, 8, 21) - 1, 0)), zones, 8, 21)
