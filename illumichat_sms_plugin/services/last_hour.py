"""How many texts came and went within the last hour, for the metrics: counted, or estimated where there are too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select

from illumichat_sms_plugin.models import Direction, SmsChannel, SmsMessage, SmsRest, db_now
from illumichat_sms_plugin.models.sql_time import milliseconds_between

HOUR = 3600.0
FEW = 500
"""Newest texts that are read first; most installations have no more in an hour."""
MOST = 20_000
"""Texts that are counted one by one; an installation that has more in an hour gets an estimate from its newest."""


@dataclass(frozen=True, slots=True)
class LastHour:
    """Texts of the last hour, the Doctor's left out; ``outbound`` by send state."""

    inbound: int
    outbound: dict[str, int]


def count_last_hour(connection: Connection) -> LastHour:
    """Read hardly more than ``FEW`` and ``MOST`` rows, however many there are, and only by their ids.

    A condition on the time alone may have PostgreSQL read the table from its oldest text on.
    """
    rows, span = _newest(connection, FEW)
    if span < HOUR and sum(row.read for row in rows) > FEW:
        rows, span = _newest(connection, MOST)
    has_more = span < HOUR and sum(row.read for row in rows) > MOST
    return _last_hour(rows, HOUR / max(span, 0.001) if has_more else 1.0)


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
        outbound={
            row.send_state: number(row) for row in rows if row.direction == Direction.OUTBOUND and row.number
        },
    )


def _newest(connection: Connection, most: int) -> tuple[Sequence[Row[Any]], float]:
    """The newest texts by direction and send state, and for how many seconds back they reach."""
    columns = (SmsMessage.direction, SmsMessage.send_state, SmsMessage.created_at, SmsMessage.is_test)
    newest = select(*columns).order_by(SmsMessage.id.desc()).limit(most + 1).subquery()
    alike = (newest.c.direction, newest.c.send_state)
    counts = and_(newest.c.created_at > db_now(-HOUR), ~newest.c.is_test)
    rows = connection.execute(
        select(
            *alike,
            func.count().label("read"),
            func.sum(case((counts, 1), else_=0)).label("number"),
            milliseconds_between(func.min(newest.c.created_at), db_now()).label("age"),
        ).group_by(*alike)
    ).all()
    return rows, max((row.age for row in rows), default=0.0) / 1000
