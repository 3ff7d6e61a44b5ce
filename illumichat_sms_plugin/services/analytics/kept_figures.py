"""Figures of texts that are gone because their days are over: they stay as they were counted.

``texts_from`` of the roll-up says since when a channel's texts are still there. Whoever deletes older ones moves it first, once all
of them are counted (:func:`freeze`), and nothing from before it is counted again: docs/decisions/retention.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, insert, select, update

from illumichat_sms_plugin.local_days import local_date, start_of_day
from illumichat_sms_plugin.models import SmsCountedSession, SmsDay, SmsHour, SmsRollup, SmsSessionHour, db_now
from illumichat_sms_plugin.services.analytics.roll_up_sessions import add_counts
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS, frozen_until, lock_rollup
from illumichat_sms_plugin.services.analytics.tally import Tally


def freeze(connection: Connection, channel_id: int, before: datetime) -> bool:
    """Keep the figures of before this hour as they are; False, and nothing done, where it is not all counted yet."""
    rollup = lock_rollup(connection, channel_id)
    sessions_until: datetime | None = rollup.sessions_until
    if not rollup.timezone or rollup.until < before or sessions_until is None or sessions_until < before:
        return False
    if rollup.texts_from is None or rollup.texts_from < before:
        connection.execute(
            update(SmsRollup).where(SmsRollup.channel_id == channel_id).values(texts_from=before)
        )
    return True


def forget(connection: Connection, channel_id: int) -> None:
    """Drop all counts of a channel that can be counted again; that is done when somebody looks."""
    rollup = lock_rollup(connection, channel_id)
    frozen = frozen_until(rollup, connection.scalars(select(db_now())).one())
    _forget_sessions(connection, channel_id, frozen)
    connection.execute(delete(SmsDay).where(SmsDay.channel_id == channel_id))
    hours = delete(SmsHour).where(SmsHour.channel_id == channel_id)
    if frozen is None:
        connection.execute(hours)
        connection.execute(delete(SmsRollup).where(SmsRollup.channel_id == channel_id))
        return
    connection.execute(hours.where(SmsHour.hour >= frozen))
    start = db_now(-KEPT_DAYS * 86400.0)
    nothing = {"timezone": "", "since": start, "until": start, "sessions_until": None}
    connection.execute(update(SmsRollup).where(SmsRollup.channel_id == channel_id).values(**nothing))


def _forget_sessions(connection: Connection, channel_id: int, frozen: datetime | None) -> None:
    """Of the hours that stay, those sessions that are still there and will be counted again."""
    hours = delete(SmsSessionHour).where(SmsSessionHour.channel_id == channel_id)
    if frozen is None:
        connection.execute(hours)
    else:
        connection.execute(hours.where(SmsSessionHour.hour >= frozen))
        _take_out_those_left(connection, channel_id, frozen)
    connection.execute(delete(SmsCountedSession).where(SmsCountedSession.channel_id == channel_id))


def _take_out_those_left(connection: Connection, channel_id: int, frozen: datetime) -> None:
    counted = SmsCountedSession
    left = connection.execute(
        select(counted.hour, counted.matched, counted.created, func.count().label("sessions"))
        .where(counted.channel_id == channel_id, counted.hour < frozen)
        .group_by(counted.hour, counted.matched, counted.created)
    ).all()
    sessions, matched, created = Counter[datetime](), Counter[datetime](), Counter[datetime]()
    for row in left:
        sessions[row.hour] -= row.sessions
        matched[row.hour] -= row.sessions * row.matched
        created[row.hour] -= row.sessions * row.created
    add_counts(connection, channel_id, sessions, matched, created)


def carry_over(connection: Connection, channel_id: int, frozen: datetime, zone: ZoneInfo) -> None:
    """Put the hours that stay into the days of another time zone, and drop all that is counted again.

    An hour that midnight cuts in two (India, Nepal) goes to the day that it begins in.
    """
    of_channel = SmsHour.channel_id == channel_id
    kept: defaultdict[datetime, Tally] = defaultdict(Tally)
    for row in connection.execute(
        select(SmsHour.hour, SmsHour.counts).where(of_channel, SmsHour.hour < frozen)
    ):
        kept[row.hour].add(Tally.from_json(row.counts))
    connection.execute(delete(SmsHour).where(of_channel))
    connection.execute(delete(SmsDay).where(SmsDay.channel_id == channel_id))
    days: defaultdict[date, Tally] = defaultdict(Tally)
    for hour, tally in kept.items():
        days[local_date(hour, zone)].add(tally)
    of = {"channel_id": channel_id}
    if kept:
        hours = [
            {**of, "day": local_date(hour, zone), "hour": hour, "counts": tally.to_json()}
            for hour, tally in kept.items()
        ]
        connection.execute(insert(SmsHour), hours)
        connection.execute(
            insert(SmsDay), [{**of, "day": day, "counts": tally.to_json()} for day, tally in days.items()]
        )


def days_with_texts(texts_from: datetime | None, today: date, zone: ZoneInfo, days: int) -> int:
    """How many of the last ``days`` days still have all their texts."""
    if texts_from is None:
        return days
    first = local_date(texts_from, zone)
    if start_of_day(first, zone) < texts_from:
        first += timedelta(days=1)
    return max(min(days, (today - first).days + 1), 0)
