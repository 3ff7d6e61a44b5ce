"""The figures of one assistant's SMS channel over the last 7, 30 or 90 days of its workspace.

Days that are over come from the roll-up, which is brought up to date first; the last half
to one and a half hours are counted live. So the figures are never older than the last change that was committed
when they were asked for. Each figure is defined in docs/decisions/analytics-roll-up.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Date, Select, and_, bindparam, select

from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone, last_days, local_date, split_by_day, start_of_day
from illumichat_sms_plugin.models import SmsDay, SmsRollup, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.busy_hours import by_local_hour, read_hours
from illumichat_sms_plugin.services.analytics.cost import Cost, cost_of
from illumichat_sms_plugin.services.analytics.count_messages import NO_END, count_messages
from illumichat_sms_plugin.services.analytics.count_sessions import Sessions, read_sessions
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.services.analytics.tally import NO_CODE, Tally
from illumichat_sms_plugin.services.analytics.wait_buckets import percentile
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.no_reply import Reason, explain_reason
from illumichat_sms_plugin.twilio_gateway.error_codes import Explanation, explain


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts in, texts out (whatever became of them), and both."""

    total: int
    inbound: int
    outbound: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the workspace."""

    date: date
    inbound: int
    outbound: int
    segments: int
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Outbound texts that failed with one of Twilio's error codes; None where Twilio gave none."""

    code: int | None
    count: int

    @property
    def explanation(self) -> Explanation:
        """What the code means and what to do."""
        return explain(self.code)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Inbound texts that the assistant did not answer, for one reason (``NoReply``)."""

    reason: str
    count: int

    @property
    def words(self) -> Reason:
        """What the reason means and what to do."""
        return explain_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Wait:
    """Half of the texts waited at most ``p50`` seconds, 95 of 100 at most ``p95``; None without any.

    Right to within 2.5 %, see wait_buckets.py.
    """

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class TimeToAnswer:
    """``whole``: from the text to the delivered answer. ``assistant``: from the text until we called
    Twilio. ``twilio``: from there until it reported the answer as delivered. ``answered`` texts count
    for the assistant, ``delivered`` of them for the other two."""

    whole: Wait
    assistant: Wait
    twilio: Wait
    answered: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Analytics:
    """All figures of a period. ``delivery_rate`` is 0 to 1, None without a final status."""

    days: int
    timezone: str
    messages: Messages
    segments_sent: int
    delivered: int
    failed: int
    delivery_rate: float | None
    cost: Cost
    sessions: Sessions
    daily: tuple[Day, ...]
    hourly: tuple[int, ...]
    """Texts in by the hour of the day, 0 to 23."""
    failures: tuple[Failure, ...]
    no_reply: tuple[Unanswered, ...]
    time_to_answer: TimeToAnswer


@dataclass(frozen=True, slots=True)
class Period:
    """What was counted: a tally per local day that has texts, and the sessions."""

    days: tuple[date, ...]
    zone: ZoneInfo
    tallies: Mapping[date, Tally]
    hourly: tuple[int, ...]
    sessions: Sessions


def analytics(runtime: Runtime, assistant: Assistant, days: int) -> Analytics:
    """The figures of the last ``days`` days (one of PERIODS) with today."""
    zone = find_zone(assistant.workspace.timezone)
    channel_id = find_channel_id(assistant.id)
    return work_out(runtime, read_period(runtime, channel_id, zone, days))


def read_period(runtime: Runtime, channel_id: int | None, zone: ZoneInfo, days: int) -> Period:
    """Count the last ``days`` days with today; without a channel there is nothing to count."""
    if channel_id is None:
        return _empty_period(zone, days)
    while True:
        bring_up_to_date(channel_id, zone)
        with transaction() as connection:
            period = read_counted(connection, runtime, channel_id, zone, days)
        if period is not None:
            return period


def _empty_period(zone: ZoneInfo, days: int) -> Period:
    with transaction() as connection:
        now = connection.execute(select(db_now())).scalar_one()
    return Period(
        tuple(last_days(local_date(now, zone), days)), zone, {}, by_local_hour((), zone), Sessions(0, 0, 0)
    )


def read_counted(
    connection: Connection, runtime: Runtime, channel_id: int, zone: ZoneInfo, days: int
) -> Period | None:
    """The roll-up as it is and the rest live; None when the roll-up was dropped or went on this very moment."""
    now = connection.execute(select(db_now())).scalar_one()
    shown = last_days(local_date(now, zone), days)
    rolled_up = _read_days(connection, channel_id, zone, shown[0])
    if rolled_up is None:
        return None
    until, sessions_until, tallies = rolled_up
    hours = read_hours(connection, channel_id, shown[0], until)
    for day, hour, tally in _count_live(connection, channel_id, zone, until, now):
        tallies.setdefault(day, Tally()).add(tally)
        hours.append((hour, tally.texts["inbound"]))
    start = start_of_day(shown[0], zone)
    sessions = read_sessions(connection, channel_id, start, active_since(runtime, now), sessions_until)
    if sessions is None:
        return None
    return Period(tuple(shown), zone, tallies, by_local_hour(hours, zone), sessions)


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


def work_out(runtime: Runtime, period: Period) -> Analytics:
    """Turn counts into figures."""
    total = Tally()
    for day in period.days:
        total.add(period.tallies.get(day, Tally()))
    texts = total.texts
    finals = texts["delivered"] + texts["failed"]
    list_price = Decimal(str(runtime.settings.segment_price))
    return Analytics(
        days=len(period.days),
        timezone=period.zone.key,
        messages=Messages(texts["inbound"] + texts["outbound"], texts["inbound"], texts["outbound"]),
        segments_sent=texts["segments"],
        delivered=texts["delivered"],
        failed=texts["failed"],
        delivery_rate=texts["delivered"] / finals if finals else None,
        cost=cost_of(total, list_price, runtime.settings.price_currency),
        sessions=period.sessions,
        daily=tuple(_day(day, period.tallies.get(day, Tally())) for day in period.days),
        hourly=period.hourly,
        failures=_failures(total.failures),
        no_reply=tuple(Unanswered(reason, count) for reason, count in _most_first(total.no_reply)),
        time_to_answer=TimeToAnswer(
            whole=_wait(total.whole),
            assistant=_wait(total.assistant),
            twilio=_wait(total.twilio),
            answered=total.assistant.total(),
            delivered=total.whole.total(),
        ),
    )


def _day(day: date, tally: Tally) -> Day:
    names = ("inbound", "outbound", "segments", "delivered", "failed")
    return Day(day, *(tally.texts[name] for name in names))


def _failures(counts: Counter[str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(None if code == NO_CODE else int(code), count) for code, count in _most_first(counts)
    )


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted((+counts).items(), key=lambda item: (-item[1], item[0]))


def _wait(counts: Counter[str]) -> Wait:
    buckets: list[tuple[Any, int]] = [(int(bucket), count) for bucket, count in counts.items()]
    return Wait(percentile(buckets, 0.5), percentile(buckets, 0.95))
