"""Count what is over, once: hours from their messages, days from their hours.

Outside the webhook: by housekeeping, and by whoever wants to read and finds something missing. Any
number of processes may do it at once, for each step locks the channel's row in ``sms_rollups`` first.
Hours that ended less than ``SETTLED`` ago are not counted here; readers count them live.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from illumichat_sms_plugin.local_days import (
    HOUR,
    find_zone,
    floor_hour,
    local_date,
    split_by_day,
    start_of_day,
)
from illumichat_sms_plugin.models import (
    SmsChangedHour,
    SmsChannel,
    SmsDay,
    SmsHour,
    SmsMessage,
    SmsRollup,
    db_now,
)
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import FRESH
from illumichat_sms_plugin.services.analytics.count_messages import count_messages
from illumichat_sms_plugin.services.analytics.tally import Tally

SETTLED = 2 * FRESH
"""A text may change without a mark while it is younger than ``FRESH`` (changed_hours.py); as long again is
for the transaction of that change to be committed."""
KEPT_DAYS = 91
"""The longest period that is shown, and a day more for workspaces that move west."""
HOURS_AT_ONCE = 24
"""Marked hours counted in one transaction; the texts that want to mark them wait that long."""
BUDGET = 2.0
"""Seconds that one round of housekeeping spends here: lost texts wait for the other chores meanwhile."""
MAX_STEPS = 300
"""More than a new channel with 90 days of texts needs; ends a race with a flood of changes."""


def roll_up(runtime: Runtime) -> int:
    """Bring channels that are behind up to date, for ``BUDGET`` seconds; returns how many were behind."""
    stop_at = time.monotonic() + BUDGET
    channels = _channels_behind()
    for channel in channels:
        if time.monotonic() < stop_at:
            assistant = runtime.host.assistants.find(channel.assistant_id)
            zone = find_zone(assistant.workspace.timezone if assistant else "UTC")
            bring_up_to_date(channel.id, zone, stop_at)
    return len(channels)


def _channels_behind() -> Sequence[Row[int, str]]:
    with transaction() as connection:
        now: datetime = connection.execute(select(db_now())).scalar_one()
        counted_until = func.coalesce(SmsRollup.until, now - timedelta(days=KEPT_DAYS - 1))
        uncounted = exists().where(
            SmsMessage.channel_id == SmsChannel.id,
            SmsMessage.created_at >= counted_until,
            SmsMessage.created_at < floor_hour(now - SETTLED),
        )
        return connection.execute(
            select(SmsChannel.id, SmsChannel.assistant_id)
            .outerjoin(SmsRollup, SmsRollup.channel_id == SmsChannel.id)
            .where(or_(uncounted, _has_marks(SmsChannel.id)))
            .order_by(SmsChannel.id)
        ).all()


def _has_marks(channel_id: Any) -> Any:
    return exists().where(SmsChangedHour.channel_id == channel_id, SmsChangedHour.hour < SmsRollup.until)


def bring_up_to_date(channel_id: int, zone: ZoneInfo, stop_at: float = math.inf) -> None:
    """Count all of a channel that is over and not counted, or changed since.

    No new step is begun after ``stop_at`` (``time.monotonic()``); each counts a day at most.
    """
    for _ in range(MAX_STEPS):
        now = _now_if_behind(channel_id, zone)
        if now is None or time.monotonic() >= stop_at:
            return
        with transaction() as connection:
            _Counting(connection, channel_id, zone, now).step()


def _now_if_behind(channel_id: int, zone: ZoneInfo) -> datetime | None:
    """The time on the database's clock if there is something to do; writes and locks nothing."""
    with transaction() as connection:
        state = connection.execute(_state(), {"channel_id": channel_id}).one()
    done = state.timezone == zone.key and state.until >= floor_hour(state.now - SETTLED) and not state.marked
    return None if done else state.now


@cache
def _state() -> Select[*tuple[Any, ...]]:
    marked = _has_marks(SmsChannel.id).label("marked")
    return (
        select(db_now().label("now"), SmsRollup.timezone, SmsRollup.until, marked)
        .select_from(SmsChannel)
        .outerjoin(SmsRollup, SmsRollup.channel_id == SmsChannel.id)
        .where(SmsChannel.id == bindparam("channel_id"))
    )


def forget(connection: Connection, channel_id: int) -> None:
    """Drop all counts of a channel; they are counted again when somebody looks."""
    for model in (SmsRollup, SmsHour, SmsDay):
        connection.execute(delete(model).where(model.channel_id == channel_id))


class _Counting:
    """One transaction of counting."""

    def __init__(self, connection: Connection, channel_id: int, zone: ZoneInfo, now: datetime) -> None:
        self.connection = connection
        self.channel_id = channel_id
        self.zone = zone
        self.settled = floor_hour(now - SETTLED)
        self.first_day = local_date(now, zone) - timedelta(days=KEPT_DAYS)
        self.since = self.until = start_of_day(self.first_day, zone)

    def step(self) -> None:
        """Count the hours that changed, or else one more day."""
        self._lock()
        if not self._recount_changed():
            self._advance()

    def _lock(self) -> None:
        """Until we commit nobody else counts this channel."""
        state = self.connection.execute(
            insert_or_conflict(self.connection, SmsRollup)
            .values(channel_id=self.channel_id, timezone=self.zone.key, since=self.since, until=self.until)
            .on_conflict_do_update(
                index_elements=[SmsRollup.channel_id], set_={"timezone": SmsRollup.timezone}
            )
            .returning(SmsRollup.__table__)
        ).one()
        if state.timezone == self.zone.key:
            self.since, self.until = state.since, state.until
            return
        for model in (SmsHour, SmsDay):
            self.connection.execute(delete(model).where(model.channel_id == self.channel_id))
        self._write(timezone=self.zone.key, since=self.since, until=self.until)

    def _recount_changed(self) -> bool:
        hours = self._take_marks(SmsChangedHour.hour < self.until, limit=HOURS_AT_ONCE)
        days: set[date] = set()
        for hour in hours:
            parts = split_by_day(max(hour, self.since), min(hour + HOUR, self.until), self.zone)
            for day, start, end in parts:
                self.connection.execute(
                    delete(SmsHour).where(
                        SmsHour.channel_id == self.channel_id, SmsHour.day == day, SmsHour.hour == hour
                    )
                )
                self._count(day, start, end)
                days.add(day)
        for day in sorted(days):
            self._add_up(day)
        return bool(hours)

    def _advance(self) -> None:
        """Go on to the next day that has texts, and count what is settled of it."""
        start = self._first_text()
        if start is None:
            end = max(self.until, self.settled)
        else:
            day, start, end = next(split_by_day(max(self.until, floor_hour(start)), self.settled, self.zone))
            # Not those before ``until``: a change of a moment ago has its hour counted in the next step.
            self._take_marks(and_(SmsChangedHour.hour >= self.until, SmsChangedHour.hour < end))
            self._count(day, start, end)
            self._add_up(day)
        self._drop_old_days()
        self._write(since=self.since, until=end)

    def _first_text(self) -> datetime | None:
        return self.connection.scalar(
            select(func.min(SmsMessage.created_at)).where(
                SmsMessage.channel_id == self.channel_id,
                SmsMessage.created_at >= self.until,
                SmsMessage.created_at < self.settled,
            )
        )

    def _take_marks(self, which: Any, limit: int | None = None) -> Sequence[datetime]:
        """Delete marks before their messages are read; waits for changes that are being committed."""
        ours = and_(SmsChangedHour.channel_id == self.channel_id, which)
        found = select(SmsChangedHour.hour).where(ours).order_by(SmsChangedHour.hour).limit(limit)
        hours = self.connection.scalars(found.with_for_update()).all()
        if hours:
            self.connection.execute(
                delete(SmsChangedHour).where(
                    SmsChangedHour.channel_id == self.channel_id, SmsChangedHour.hour.in_(hours)
                )
            )
        return hours

    def _count(self, day: date, start: datetime, end: datetime) -> None:
        counted = count_messages(self.connection, self.channel_id, start, end)
        rows = [
            {"channel_id": self.channel_id, "day": day, "hour": hour, "counts": tally.to_json()}
            for hour, tally in counted.items()
        ]
        if rows:
            self.connection.execute(insert(SmsHour), rows)

    def _add_up(self, day: date) -> None:
        hours = self.connection.scalars(
            select(SmsHour.counts).where(SmsHour.channel_id == self.channel_id, SmsHour.day == day)
        ).all()
        total = Tally()
        for counts in hours:
            total.add(Tally.from_json(counts))
        if not hours:
            self.connection.execute(
                delete(SmsDay).where(SmsDay.channel_id == self.channel_id, SmsDay.day == day)
            )
            return
        counts = total.to_json()
        self.connection.execute(
            insert_or_conflict(self.connection, SmsDay)
            .values(channel_id=self.channel_id, day=day, counts=counts)
            .on_conflict_do_update(index_elements=[SmsDay.channel_id, SmsDay.day], set_={"counts": counts})
        )

    def _drop_old_days(self) -> None:
        start = start_of_day(self.first_day, self.zone)
        if start <= self.since:
            return
        for model in (SmsHour, SmsDay):
            self.connection.execute(
                delete(model).where(model.channel_id == self.channel_id, model.day < self.first_day)
            )
        self.since = start

    def _write(self, **values: Any) -> None:
        self.connection.execute(
            update(SmsRollup).where(SmsRollup.channel_id == self.channel_id).values(**values)
        )
