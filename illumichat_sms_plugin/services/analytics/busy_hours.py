"""At which hours of the day texters write: texts in by the local hour, over a period."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection, select

from illumichat_sms_plugin.models import SmsHour

HOURS = 24


def read_hours(
    connection: Connection, channel_id: int, first: date, until: datetime
) -> list[tuple[datetime, int]]:
    """``(UTC hour, texts in)`` of the hours that are counted, from the day ``first`` until before ``until``."""
    inbound = SmsHour.counts["texts"]["inbound"].as_integer()
    rows = connection.execute(
        select(SmsHour.hour, inbound).where(
            SmsHour.channel_id == channel_id, SmsHour.day >= first, SmsHour.hour < until
        )
    )
    return [(hour, texts or 0) for hour, texts in rows]


def by_local_hour(hours: Iterable[tuple[datetime, int]], zone: tzinfo) -> tuple[int, ...]:
    """Texts in for each of the 24 hours of the day in ``zone``.

    A UTC hour counts for the local hour in which it begins: India's 8:30 to 9:30 for 8.
    """
    texts = [0] * HOURS
    for hour, count in hours:
        texts[hour.astimezone(zone).hour] += count
    return tuple(texts)


def busiest(hourly: tuple[int, ...]) -> int | None:
    """The hour (0 to 23) with most texts in, the earliest of equal ones; None without any text."""
    most = max(hourly, default=0)
    return hourly.index(most) if most else None
