"""Texts in by the hour of the day, where the workspace lives."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from illumichat_sms_plugin.services.analytics.busy_hours import busiest, by_local_hour


@pytest.mark.parametrize(
    ("zone", "utc", "local"),
    [
        ("UTC", datetime(2026, 7, 1, 9, tzinfo=UTC), 9),
        ("America/New_York", datetime(2026, 7, 1, 3, tzinfo=UTC), 23),
        ("America/New_York", datetime(2026, 1, 1, 3, tzinfo=UTC), 22),
        ("Asia/Kolkata", datetime(2026, 7, 1, 3, tzinfo=UTC), 8),  # 8:30 to 9:30
        ("Europe/Berlin", datetime(2026, 10, 25, 0, tzinfo=UTC), 2),  # the hour that comes twice
        ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC), 2),
    ],
)
def test_an_hour_counts_where_it_begins_on_the_wall(zone: str, utc: datetime, local: int) -> None:
    texts = by_local_hour([(utc, 3), (utc, 1)], ZoneInfo(zone))
    assert len(texts) == 24
    assert [(hour, count) for hour, count in enumerate(texts) if count] == [(local, 4)]


@pytest.mark.parametrize(
    ("hourly", "hour"),
    [((0,) * 24, None), ((), None), ((0, 2, 5, 5) + (0,) * 20, 2), ((1,) + (0,) * 23, 0)],
)
def test_the_busiest_hour_is_the_first_with_most_texts(hourly: tuple[int, ...], hour: int | None) -> None:
    assert busiest(hourly) == hour
