"""What was counted of a channel over its last days, read from the database.

Days that are over come from the roll-up, which is brought up to date first; the last half
to one and a half hours are counted live. So what is read is never older than the last change that was committed
when it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Select, and_, bindparam, select

from illumichat_sms_plugin.local_days import last_days, local_date, split_by_day, start_of_day
from illumichat_sms_plugin.models import SmsDay, SmsRollup, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.busy_hours import by_local_hour, read_hours
from illumichat_sms_plugin.services.analytics.count_messages import NO_END, count_messages
from illumichat_sms_plugin.services.analytics.count_sessions import Sessions, read_sessions
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.services.analytics.tally import Tally

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Days:
    """The tally of each local day; a day without texts has none."""

    days: tuple[date, ...]
    zone: ZoneInfo
    tallies: Mapping[date, Tally]

    def tally(self, day: date) -> Tally:
        """What was counted on this day."""
        return self.tallies.get(day, Tally())

    def total(self, last: int | None = None) -> Tally:
        """What was counted on all days, or on the ``last`` of them."""
        total = Tally()
        for day in self.days[-last:] if last else self.days:
            total.add(self.tally(day))
        return total


@dataclass(frozen=True, slots=True)
class Period(Days):
    """The same, with the hours of the day and the sessions of these days."""

    hourly: tuple[int, ...]
    sessions: Sessions


@dataclass(frozen=True, slots=True)
class _Counted:
    """The days at one moment, and until when the roll-up has counted texts and sessions."""

    days: Days
    now: datetime
    until: datetime
    sessions_until: datetime
    live_hours: list[tuple[datetime, int]]


def read_period(runtime: Runtime, channel_id: int | None, zone: ZoneInfo, days: int) -> Period:
    """Count the last ``days`` days with today; without a channel there is nothing to count."""
    if channel_id is None:
        return Period(_today_and_before(zone, days), zone, {}, by_local_hour((), zone), Sessions(0, 0, 0))
    return _read(channel_id, zone, lambda found: read_counted(found, runtime, channel_id, zone, days))


def read_days(channel_id: int | None, zone: ZoneInfo, days: int) -> Days:
    """Count the last ``days`` days with today, without hours and sessions, which cost as much again."""
    if channel_id is None:
        return Days(_today_and_before(zone, days), zone, {})
    return _read(channel_id, zone, lambda found: _count(found, channel_id, zone, days)).days


def _read(channel_id: int, zone: ZoneInfo, count: Callable[[Connection], Read | None]) -> Read:
    """What ``count`` finds once the roll-up is up to date; again where it was dropped meanwhile."""
    while True:
        bring_up_to_date(channel_id, zone)
        with transaction() as connection:
            found = count(connection)
        if found is not None:
            return found


def _today_and_before(zone: ZoneInfo, days: int) -> tuple[date, ...]:
    with transaction() as connection:
        now = connection.execute(select(db_now())).scalar_one()
    return tuple(last_days(local_date(now, zone), days))


def read_counted(
    connection: Connection, runtime: Runtime, channel_id: int, zone: ZoneInfo, days: int
) -> Period | None:
    """The roll-up as it is and the rest live; None when the roll-up was dropped or went on this very moment."""
    counted = _count(connection, channel_id, zone, days)
    if counted is None:
        return None
    shown = counted.days
    start = start_of_day(shown.days[0], zone)
    active = active_since(runtime, counted.now)
    sessions = read_sessions(connection, channel_id, start, active, counted.sessions_until)
    if sessions is None:
        return None
    hours = read_hours(connection, channel_id, shown.days[0], counted.until)
    hourly = by_local_hour([*hours, *counted.live_hours], zone)
    return Period(shown.days, zone, shown.tallies, hourly, sessions)


def _count(connection: Connection, channel_id: int, zone: ZoneInfo, days: int) -> _Counted | None:
    now = connection.execute(select(db_now())).scalar_one()
    shown = last_days(local_date(now, zone), days)
    rolled_up = _read_days(connection, channel_id, zone, shown[0])
    if rolled_up is None:
        return None
    until, sessions_until, tallies = rolled_up
    live_hours = []
    for day, hour, tally in _count_live(connection, channel_id, zone, until, now):
        tallies.setdefault(day, Tally()).add(tally)
        live_hours.append((hour, tally.texts["inbound"]))
    return _Counted(Days(tuple(shown), zone, tallies), now, until, sessions_until, live_hours)


def active_since(runtime: Runtime, now: datetime) -> datetime:
    """A session whose last text is older than this is not active any more."""
    return now - timedelta(seconds=runtime.settings.session_active_within)


def _read_days(
    connection: Connection, channel_id: int, zone: ZoneInfo, first: date
) -> tuple[datetime, datetime, dict[date, Tally]] | None:
    """Until when texts and sessions are counted, and the days: in one statement, so that all go together."""
    rows = connection.execute(_days_since(), {"channel_id": channel_id, "first": first}).all()
    if not rows or rows[0].timezone != zone.key or rows[0].sessions_until is None:
        return None
    days = {row.day: Tally.from_json(row.counts) for row in rows if row.day is not None}
    return rows[0].until, rows[0].sessions_until, days


@cache
def _days_since() -> Select[*tuple[Any, ...]]:
    on_day = and_(SmsDay.channel_id == SmsRollup.channel_id, SmsDay.day >= bindparam("first", type_=Date))
    return (
        select(SmsRollup.timezone, SmsRollup.until, SmsRollup.sessions_until, SmsDay.day, SmsDay.counts)
        .outerjoin(SmsDay, on_day)
        .where(SmsRollup.channel_id == bindparam("channel_id"))
    )


def _count_live(
    connection: Connection, channel_id: int, zone: ZoneInfo, until: datetime, now: datetime
) -> Iterator[tuple[date, datetime, Tally]]:
    """What is not rolled up yet; the last part has no end, so that no text falls between two reads."""
    parts = list(split_by_day(until, now, zone))
    for number, (day, start, end) in enumerate(parts, start=1):
        counted = count_messages(connection, channel_id, start, NO_END if number == len(parts) else end)
        yield from ((day, hour, tally) for hour, tally in counted.items())
