"""The same figures without the roll-up: from every message of the period.

For tests, which hold the two against each other, and for operators who doubt what they see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone, last_days, local_date, start_of_day
from illumichat_sms_plugin.models import SmsRollup, db_now
from illumichat_sms_plugin.models.database import snapshot, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.busy_hours import by_local_hour
from illumichat_sms_plugin.services.analytics.count_messages import NO_END, Tallies, count_messages
from illumichat_sms_plugin.services.analytics.count_sessions import Sessions, count_sessions
from illumichat_sms_plugin.services.analytics.figures import Analytics, work_out
from illumichat_sms_plugin.services.analytics.kept_figures import days_with_texts, forget
from illumichat_sms_plugin.services.analytics.period import Period, active_since, read_counted
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.services.analytics.rollup_state import frozen_until
from illumichat_sms_plugin.services.analytics.tally import Tally
from illumichat_sms_plugin.services.channels import find_channel_id

LOOKS = 3
"""A text of an older hour that changes after the roll-up was brought up to date looks like a difference, once."""


def recount(runtime: Runtime, assistant: Assistant, days: int) -> Analytics:
    """What :func:`analytics` returns, straight from the messages; reads all of them."""
    zone, channel_id = find_zone(assistant.workspace.timezone), find_channel_id(assistant.id)
    with transaction() as connection:
        return work_out(runtime, _read(connection, runtime, channel_id, zone, days))


@dataclass(frozen=True, slots=True)
class Differences:
    """What the roll-up says otherwise than messages and sessions do; false when all is well.

    ``compared`` is how many of the last days were: of earlier ones the texts are gone, for their days are over.
    """

    days: tuple[date, ...] = ()
    sessions: bool = False
    hours: bool = False
    compared: int = 0

    def __bool__(self) -> bool:
        return bool(self.days) or self.sessions or self.hours

    def __str__(self) -> str:
        others = {"the sessions": self.sessions, "the hours of the day": self.hours}
        return ", ".join([*map(str, self.days), *(name for name, differ in others.items() if differ)])

    def still_in(self, other: Differences) -> Differences:
        """Those that a second look finds, too."""
        days = tuple(day for day in self.days if day in other.days)
        both = self.sessions and other.sessions, self.hours and other.hours
        return Differences(days, *both, other.compared)


def differences(runtime: Runtime, assistant: Assistant, days: int) -> Differences:
    """Hold the roll-up of the last ``days`` days against messages and sessions.

    Both are read from one snapshot: texts go on coming in and changing meanwhile.
    """
    zone, channel_id = find_zone(assistant.workspace.timezone), find_channel_id(assistant.id)
    if channel_id is None:
        return Differences()
    differing: Differences | None = None
    for _ in range(LOOKS):
        bring_up_to_date(channel_id, zone)
        with snapshot() as connection:
            comparable = _comparable(connection, channel_id, zone, days)
            shown = read_counted(connection, runtime, channel_id, zone, comparable)
            if shown is None:
                continue  # somebody looks at it in another timezone at this very moment
            counted = _read(connection, runtime, channel_id, zone, comparable)
        found = _compare(shown, counted)
        differing = differing.still_in(found) if differing else found
        if not differing:
            break
    return Differences() if differing is None else differing


def _comparable(connection: Connection, channel_id: int, zone: ZoneInfo, days: int) -> int:
    now = connection.scalars(select(db_now())).one()
    rollup = connection.execute(
        select(SmsRollup.texts_from).where(SmsRollup.channel_id == channel_id)
    ).first()
    texts_from = frozen_until(rollup, now) if rollup else None
    return days_with_texts(texts_from, local_date(now, zone), zone, days)


def _compare(shown: Period, counted: Period) -> Differences:
    days = tuple(day for day in counted.days if _as_json(shown, day) != _as_json(counted, day))
    differ = shown.sessions != counted.sessions, shown.hourly != counted.hourly
    return Differences(days, *differ, len(counted.days))


def start_anew(assistant: Assistant) -> None:
    """Drop the roll-up of an assistant's channel; the next reader counts it again."""
    channel_id = find_channel_id(assistant.id)
    if channel_id is not None:
        with transaction() as connection:
            forget(connection, channel_id)


def _as_json(period: Period, day: date) -> dict[str, dict[str, int]]:
    return period.tallies.get(day, Tally()).to_json()


def _read(
    connection: Connection, runtime: Runtime, channel_id: int | None, zone: ZoneInfo, days: int
) -> Period:
    now = connection.execute(select(db_now())).scalar_one()
    shown = last_days(local_date(now, zone), days)
    if channel_id is None:
        return Period(tuple(shown), zone, {}, by_local_hour((), zone), Sessions(0, 0, 0))
    counted = {day: _count_day(connection, channel_id, day, shown[-1], zone) for day in shown}
    hours = [(hour, tally.texts["inbound"]) for day in counted.values() for hour, tally in day.items()]
    tallies = {day: _sum(tallies.values()) for day, tallies in counted.items()}
    start = start_of_day(shown[0], zone)
    sessions = count_sessions(connection, channel_id, start, active_since(runtime, now))
    return Period(tuple(shown), zone, tallies, by_local_hour(hours, zone), sessions)


def _count_day(connection: Connection, channel_id: int, day: date, today: date, zone: ZoneInfo) -> Tallies:
    """Today has no end, as in the figures themselves: clocks differ."""
    end = NO_END if day == today else start_of_day(day + timedelta(days=1), zone)
    return count_messages(connection, channel_id, start_of_day(day, zone), end)


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total
