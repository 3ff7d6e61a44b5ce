"""When a first text may go out: by day, in every time zone that its number may be in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException
from phonenumbers.timezone import (
    UNKNOWN_TIMEZONE,
    time_zones_for_geographical_number,
    time_zones_for_number,
)

LOOKED_AHEAD = 3
"""Days in which a time is looked for."""


@lru_cache(maxsize=4096)
def zones_of(number: str) -> tuple[str, ...]:
    """The time zones (IANA) that an E.164 number may be in; none when that is not known.

    A number in a range that is not in the tables may be in any zone of its calling code.
    """
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return ()
    for zones in (time_zones_for_number(parsed), time_zones_for_geographical_number(parsed)):
        known = tuple(zone for zone in zones if zone != UNKNOWN_TIMEZONE)
        if known:
            return known
    return ()


def is_day(now: datetime, zones: Sequence[str], begins: int, ends: int) -> bool:
    """Whether it is day at ``now`` (aware) in all ``zones``: from ``begins`` o'clock until before ``ends`` o'clock.

    Without a zone only a day of 24 hours is one.
    """
    if not zones:
        return begins <= 0 and ends >= 24
    return all(begins <= now.astimezone(ZoneInfo(zone)).hour < ends for zone in zones)


def next_day(now: datetime, zones: Sequence[str], begins: int, ends: int) -> datetime | None:
    """The first moment (UTC) from ``now`` on at which it is day in all ``zones``; None if there is none in the next days."""
    moments = [now.astimezone(UTC), *_edges(now, zones, begins)]
    return next(
        (moment for moment in sorted(moments) if moment >= now and is_day(moment, zones, begins, ends)), None
    )


def day_left(now: datetime, zones: Sequence[str], begins: int, ends: int) -> float:
    """Seconds until it is night in one of ``zones``; 0 when it is."""
    if not is_day(now, zones, begins, ends):
        return 0.0
    if begins <= 0 and ends >= 24:
        return float(LOOKED_AHEAD * 86400)
    return min((edge - now).total_seconds() for edge in _edges(now, zones, ends) if edge > now)


def _edges(now: datetime, zones: Sequence[str], hour: int) -> list[datetime]:
    """Each zone's next times at which it is ``hour`` o'clock, in UTC."""
    found = []
    for name in zones:
        zone = ZoneInfo(name)
        today = now.astimezone(zone).date()
        for days in range(LOOKED_AHEAD + 1):
            day = today + timedelta(days=days + hour // 24)
            found.append(datetime.combine(day, time(hour % 24), tzinfo=zone).astimezone(UTC))
    return found
