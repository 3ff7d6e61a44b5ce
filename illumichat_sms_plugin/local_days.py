"""Days as a workspace lives them: local midnights as instants, with every change of the clocks.

Days are computed here and never in SQL, where each database has its own idea of time zones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
PERIODS = (7, 30, 90)
"""The periods, in days, that figures are shown for."""
DEFAULT_PERIOD = 30


def find_zone(name: str) -> ZoneInfo:
    """The time zone with this IANA name; UTC for an unknown name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or no file of that name
        return ZoneInfo("UTC")


def local_date(instant: datetime, zone: tzinfo) -> date:
    """The day that ``instant`` (aware) belongs to in ``zone``."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first instant (UTC) of ``day`` in ``zone``.

    Where the clocks leave midnight out, the day starts at the jump: PEP 495 counts a missing time
    with the offset before it, https://peps.python.org/pep-0495/#mind-the-gap
    """
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def floor_hour(instant: datetime) -> datetime:
    """The full UTC hour in which ``instant`` lies."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def last_days(today: date, count: int) -> list[date]:
    """The ``count`` days that end with ``today``, oldest first."""
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]


def split_by_day(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, datetime, datetime]]:
    """Cut the time from ``start`` to ``end`` (UTC) at the local midnights: ``(day, from, to)``."""
    while start < end:
        day = local_date(start, zone)
        cut = min(end, start_of_day(day + timedelta(days=1), zone))
        yield day, start, cut
        start = cut
