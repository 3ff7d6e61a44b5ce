"""Count messages that are over, once: hours from their messages, days from their hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from illumichat_sms_plugin.local_days import HOUR, floor_hour, local_date, split_by_day, start_of_day
from illumichat_sms_plugin.models import SmsChangedHour, SmsDay, SmsHour, SmsMessage, SmsRollup
from illumichat_sms_plugin.models.database import insert_or_conflict
from illumichat_sms_plugin.services.analytics.count_messages import count_messages
from illumichat_sms_plugin.services.analytics.kept_figures import carry_over
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS, frozen_until, settled_until
from illumichat_sms_plugin.services.analytics.tally import Tally

HOURS_AT_ONCE = 24
"""Marked hours counted in one transaction; the texts that want to mark them wait that long."""


class MessageCounting:
    """One step of counting a channel's messages; the caller holds the lock on its roll-up."""

    def __init__(self, connection: Connection, rollup: Row[Any], zone: ZoneInfo, now: datetime) -> None:
        self.connection = connection
        self.channel_id: int = rollup.channel_id
        self.zone = zone
        self.settled = settled_until(now)
        self.first_day = local_date(now, zone) - timedelta(days=KEPT_DAYS)
        self.frozen = frozen_until(rollup, now)
        if rollup.timezone == zone.key:
            self.since, self.until = rollup.since, rollup.until
            if self.until > now:
                self._go_back()
        else:
            self._start_anew()

    def _go_back(self) -> None:
        """The database's clock was ahead: what came since would lie before ``until``, and never be counted."""
        gone = self.connection.scalars(
            delete(SmsHour)
            .where(SmsHour.channel_id == self.channel_id, SmsHour.hour >= self.settled)
            .returning(SmsHour.day)
        ).all()
        for day in sorted(set(gone)):
            self._add_up(day)
        self.until = self.settled
        self._write(until=self.until)

    def step(self) -> bool:
        """Count the hours that changed, or else one more day; False when there is nothing to count."""
        if self.recount_changed():
            return True
        if self.until >= self.settled:
            return False
        self.advance()
        return True

    def _start_anew(self) -> None:
        self.since = self.until = start_of_day(self.first_day, self.zone)
        if self.frozen is None:
            for model in (SmsHour, SmsDay):
                self.connection.execute(delete(model).where(model.channel_id == self.channel_id))
        else:
            carry_over(self.connection, self.channel_id, self.frozen, self.zone)
            self.until = max(self.since, self.frozen)
        self._write(timezone=self.zone.key, since=self.since, until=self.until)

    def recount_changed(self) -> bool:
        """Count marked hours again, but for those whose texts are gone; whether there were any."""
        hours = self._take_marks(SmsChangedHour.hour < self.until, limit=HOURS_AT_ONCE)
        days: set[date] = set()
        for hour in hours:
            if self.frozen is not None and hour < self.frozen:
                continue
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

    def advance(self) -> None:
        """Go on to the next day that has texts, and count what is settled of it."""
        start = self._first_text()
        if start is None:
            end = self.settled
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
