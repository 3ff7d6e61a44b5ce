"""Days as people live them, through every trick of the clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.local_days import find_zone, last_days, local_date, split_by_day, start_of_day

ZONES = st.sampled_from(
    [
        *(
            "UTC",
            "America/New_York",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
        ),
        *("America/Havana", "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "Pacific/Chatham"),
    ]
)
INSTANTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(ZONES, INSTANTS)
def test_an_instant_lies_in_its_day(name: str, instant: datetime) -> None:
    zone = find_zone(name)
    day = local_date(instant, zone)
    assert start_of_day(day, zone) <= instant < start_of_day(day + timedelta(days=1), zone)


@given(ZONES, INSTANTS, st.integers(1, 9000))
def test_cutting_at_midnights_leaves_no_gap_and_each_part_in_one_day(
    name: str, start: datetime, minutes: int
) -> None:
    zone, end = find_zone(name), start + timedelta(minutes=minutes)
    parts = list(split_by_day(start, end, zone))
    assert (parts[0][1], parts[-1][2]) == (start, end)
    for (_, _, cut), (_, following, _) in itertools.pairwise(parts):
        assert cut == following
    for day, first, last in parts:
        assert local_date(first, zone) == day == local_date(last - timedelta(microseconds=1), zone)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Havana", date(2026, 3, 8), 23),  # there is no midnight on that day
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kolkata", date(2026, 3, 8), 24),
    ],
)
def test_days_on_which_the_clocks_change_are_shorter_or_longer(zone: str, day: date, hours: float) -> None:
    found = find_zone(zone)
    length = start_of_day(day + timedelta(days=1), found) - start_of_day(day, found)
    assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "America", "x\0y"]
)
def test_a_name_that_is_no_zone_means_utc(name: str) -> None:
    assert find_zone(name).key == "UTC"


def test_the_last_days_end_with_today() -> None:
    assert last_days(date(2026, 3, 2), 3) == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
