"""How many texts came and went within the last hour, for the metrics: counted, or estimated where there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from illumichat_sms_plugin.models import Direction, SmsChannel, SmsMessage, SmsRest, db_now
from illumichat_sms_plugin.models.sql_time import milliseconds_between

HOUR = 3600.0
MOST = 20_000
"""Texts that are counted one by one; an installation that has more in an hour gets an estimate from its newest."""


@dataclass(frozen=True, slots=True)
class LastHour:
    """Texts of the last hour, the Doctor's left out; ``outbound`` by send state."""

    inbound: int
    outbound: dict[str, int]


def count_last_hour(connection: Connection) -> LastHour:
    """Read at most twice ``MOST`` rows, however many there are."""
    rows = connection.execute(_counted(_an_hour_ago(connection))).all()
    if sum(row.number for row in rows) <= MOST:
        return _last_hour(rows, 1.0)
    newest = connection.execute(_newest()).all()
    span = max(row.age for row in newest) / 1000
    return _last_hour(newest, HOUR / min(max(span, 0.001), HOUR))


def count_cut_answers(connection: Connection) -> dict[str, int]:
    """Answers that were cut, the newest ``MOST`` of them: the rest was ``sent`` on MORE, or is still ``kept``."""
    newest = (
        select(SmsRest.sent_as)
        .where(
            SmsRest.channel_id.in_(select(SmsChannel.id)),  # the index begins with it
            SmsRest.created_at > _an_hour_ago(connection),
        )
        .limit(MOST)
        .subquery()
    )
    row = connection.execute(select(func.count(), func.count(newest.c.sent_as)).select_from(newest)).one()
    return {"sent": row[1], "kept": row[0] - row[1]}


def _an_hour_ago(connection: Connection) -> datetime:
    """Asked for first: with a moment that it cannot see PostgreSQL before 18 plans to read the whole table."""
    return connection.scalars(select(db_now(-HOUR))).one()


def _last_hour(rows: Any, scale: float) -> LastHour:
    def number(row: Row[Any]) -> int:
        return round(int(row.number) * scale)

    return LastHour(
        inbound=sum(number(row) for row in rows if row.direction == Direction.INBOUND),
        outbound={row.send_state: number(row) for row in rows if row.direction == Direction.OUTBOUND},
    )


def _counted(since: datetime) -> Any:
    within = (
        select(SmsMessage.direction, SmsMessage.send_state)
        .where(
            SmsMessage.channel_id.in_(select(SmsChannel.id)),  # all of them: the index begins with it
            SmsMessage.created_at > since,
            ~SmsMessage.is_test,
        )
        .limit(MOST + 1)
        .subquery()
    )
    alike = (within.c.direction, within.c.send_state)
    return select(*alike, func.count().label("number")).group_by(*alike)


def _newest() -> Any:
    newest = (
        select(SmsMessage.direction, SmsMessage.send_state, SmsMessage.created_at, SmsMessage.is_test)
        .order_by(SmsMessage.id.desc())
        .limit(MOST)
        .subquery()
    )
    alike = (newest.c.direction, newest.c.send_state)
    age = milliseconds_between(func.min(newest.c.created_at), db_now())
    return (
        select(*alike, func.count().label("number"), age.label("age"))
        .where(~newest.c.is_test)
        .group_by(*alike)
    )
