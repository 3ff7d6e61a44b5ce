"""Count sessions once, by the hour of their last text.

A session counts in one hour only: when it has texted again and that hour is over, it moves there. Since a
session's last text only ever gets younger, what was counted says too much of those sessions alone that have
texted since, and they are few; count_sessions.py takes them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from illumichat_sms_plugin.local_days import HOUR, floor_hour
from illumichat_sms_plugin.models import SmsCountedSession, SmsRollup, SmsSession, SmsSessionHour
from illumichat_sms_plugin.models.database import insert_or_conflict
from illumichat_sms_plugin.services.analytics.count_sessions import A_PHONE
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS, lock_rollup, settled_until

AT_ONCE = 10_000
"""About so many sessions are counted in one transaction, but at least those of an hour."""


class SessionCounting:
    """One step of counting a channel's sessions; the caller holds the lock on its roll-up."""

    def __init__(self, connection: Connection, rollup: Row[Any], now: datetime) -> None:
        self.connection = connection
        self.channel_id: int = rollup.channel_id
        self.settled = settled_until(now)
        self.first_hour = self.settled - timedelta(days=KEPT_DAYS)
        self.until: datetime = max(rollup.sessions_until or self.first_hour, self.first_hour)
        if self.until > now:
            self._go_back()

    def _go_back(self) -> None:
        """The database's clock was ahead: what came since would lie before ``until``, and never be counted."""
        for model in (SmsCountedSession, SmsSessionHour):
            self.connection.execute(
                delete(model).where(model.channel_id == self.channel_id, model.hour >= self.settled)
            )
        self.until = self.settled

    def step(self) -> None:
        """Go on to the next sessions whose last text is over."""
        first = self.connection.scalar(
            select(func.min(SmsSession.last_message_at)).where(self._between(self.until, self.settled))
        )
        end = self.settled
        if first is not None:
            start = floor_hour(first)
            end = self._end_of_step(start)
            self._count(start, end)
        self._drop_old_hours()
        self.connection.execute(
            update(SmsRollup).where(SmsRollup.channel_id == self.channel_id).values(sessions_until=end)
        )

    def _end_of_step(self, start: datetime) -> datetime:
        one_too_many = self.connection.scalar(
            select(SmsSession.last_message_at)
            .where(self._between(start, self.settled))
            .order_by(SmsSession.last_message_at)
            .offset(AT_ONCE)
            .limit(1)
        )
        if one_too_many is None:
            return self.settled
        return max(floor_hour(one_too_many), start + HOUR)

    def _between(self, start: datetime, end: datetime) -> Any:
        return and_(
            A_PHONE,
            SmsSession.channel_id == self.channel_id,
            SmsSession.last_message_at >= start,
            SmsSession.last_message_at < end,
        )

    def _count(self, start: datetime, end: datetime) -> None:
        """All from one reading: between two, sessions text and are somewhere else."""
        found = self.connection.execute(
            select(
                SmsSession.id,
                SmsSession.last_message_at,
                and_(SmsSession.contact_id.is_not(None), ~SmsSession.contact_created).label("matched"),
                and_(SmsSession.contact_id.is_not(None), SmsSession.contact_created).label("created"),
                SmsCountedSession.hour.label("old_hour"),
                SmsCountedSession.matched.label("old_matched"),
                SmsCountedSession.created.label("old_created"),
            )
            .outerjoin(SmsCountedSession, SmsCountedSession.session_id == SmsSession.id)
            .where(self._between(start, end))
        ).all()
        sessions: Counter[datetime] = Counter()
        matched: Counter[datetime] = Counter()
        created: Counter[datetime] = Counter()
        for row in found:
            hour = floor_hour(row.last_message_at)
            sessions[hour] += 1
            matched[hour] += row.matched
            created[hour] += row.created
            if row.old_hour is not None:
                sessions[row.old_hour] -= 1
                matched[row.old_hour] -= row.old_matched
                created[row.old_hour] -= row.old_created
        add_counts(self.connection, self.channel_id, sessions, matched, created)
        self._note(found)

    def _note(self, found: Sequence[Any]) -> None:
        noted = insert_or_conflict(self.connection, SmsCountedSession)
        rows = [
            {
                "session_id": row.id,
                "channel_id": self.channel_id,
                "hour": floor_hour(row.last_message_at),
                "matched": row.matched,
                "created": row.created,
            }
            for row in found
        ]
        self.connection.execute(
            noted.on_conflict_do_update(
                index_elements=[SmsCountedSession.session_id],
                set_={name: noted.excluded[name] for name in ("hour", "matched", "created")},
            ),
            rows,
        )

    def _drop_old_hours(self) -> None:
        for model in (SmsCountedSession, SmsSessionHour):
            self.connection.execute(
                delete(model).where(model.channel_id == self.channel_id, model.hour < self.first_hour)
            )


def add_counts(
    connection: Connection,
    channel_id: int,
    sessions: Counter[datetime],
    matched: Counter[datetime],
    created: Counter[datetime],
) -> None:
    """Add to what is counted of a channel's sessions by hour; negative numbers take away."""
    added = insert_or_conflict(connection, SmsSessionHour)
    counts = {"sessions": sessions, "matched": matched, "created": created}
    rows = [
        {"channel_id": channel_id, "hour": hour, **{name: count[hour] for name, count in counts.items()}}
        for hour in sorted(sessions.keys() | matched.keys() | created.keys())
        if any(count[hour] for count in counts.values())
    ]
    if rows:
        connection.execute(
            added.on_conflict_do_update(
                index_elements=[SmsSessionHour.channel_id, SmsSessionHour.hour],
                set_={name: SmsSessionHour.__table__.c[name] + added.excluded[name] for name in counts},
            ),
            rows,
        )


def count_contact(connection: Connection, channel_id: int, session_id: int, *, created: bool = False) -> None:
    """Have a session that was just linked to a contact counted as matched, too, or as one whose contact was ``created``.

    The transaction locked the roll-up before it wrote the link, so that no other process counts in between.
    """
    counted = connection.execute(
        update(SmsCountedSession)
        .where(
            SmsCountedSession.session_id == session_id,
            ~SmsCountedSession.matched,
            ~SmsCountedSession.created,
        )
        .values(matched=not created, created=created)
        .returning(SmsCountedSession.hour)
    ).first()
    if counted is not None:
        linked, none = Counter({counted.hour: 1}), Counter[datetime]()
        add_counts(
            connection, channel_id, Counter(), none if created else linked, linked if created else none
        )


def uncount_sessions(connection: Connection, channel_id: int, session_ids: Collection[int]) -> None:
    """Take sessions of a channel that are about to be deleted out of what was counted.

    Locks the roll-up until they are gone; must come before anything that locks the sessions themselves.
    """
    lock_rollup(connection, channel_id)
    if not session_ids:
        return
    gone = connection.execute(
        delete(SmsCountedSession)
        .where(SmsCountedSession.session_id.in_(session_ids))
        .returning(SmsCountedSession.hour, SmsCountedSession.matched, SmsCountedSession.created)
    ).all()
    sessions = Counter(row.hour for row in gone)
    matched = Counter(row.hour for row in gone if row.matched)
    created = Counter(row.hour for row in gone if row.created)
    add_counts(
        connection,
        channel_id,
        Counter({hour: -count for hour, count in sessions.items()}),
        Counter({hour: -count for hour, count in matched.items()}),
        Counter({hour: -count for hour, count in created.items()}),
    )
