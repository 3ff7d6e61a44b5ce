"""Marks on hours whose messages changed after they were counted.

The mark is set in the transaction of the change itself. Whoever counts deletes the mark first and
reads the messages after that, in one transaction. So there are two orders only, and both are right:
the counting waits for the change and sees it, or the mark waits for the counting and outlives it.
This needs that every statement sees what was committed before it (READ COMMITTED, the default of
PostgreSQL) or that writers take turns (SQLite).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from illumichat_sms_plugin.local_days import floor_hour
from illumichat_sms_plugin.models import SmsChangedHour, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict

FRESH = timedelta(minutes=15)
"""A change to a text younger than this needs no mark: its hour is not counted yet. Most texts have their
final status within a minute, so few marks are written; and the shorter it is, the less is read live."""


def mark_changed(
    connection: Connection, channel_id: int, created_at: datetime, now: datetime | None = None
) -> None:
    """Have the hour of an older message counted again. ``now`` is the database's time, where the caller has read it."""
    _mark(connection, {(channel_id, created_at)}, now)


def mark_all_changed(connection: Connection, messages: Sequence[Any], now: datetime | None = None) -> None:
    """The same for rows that have ``channel_id`` and ``created_at`` of their messages.

    ``now`` is the database's, where the transaction has asked for it already.
    """
    _mark(connection, {(message.channel_id, message.created_at) for message in messages}, now)


def _mark(connection: Connection, messages: set[tuple[int, datetime]], now: datetime | None = None) -> None:
    """In ascending order, as all who lock several marks do, so that they never wait for each other."""
    if not messages:
        return
    now = now or connection.scalars(select(db_now())).one()
    hours = {
        (channel_id, floor_hour(created_at))
        for channel_id, created_at in messages
        if now - created_at >= FRESH
    }
    for channel_id, hour in sorted(hours):
        connection.execute(
            insert_or_conflict(connection, SmsChangedHour)
            .values(channel_id=channel_id, hour=hour, marks=1)
            .on_conflict_do_update(
                index_elements=[SmsChangedHour.channel_id, SmsChangedHour.hour],
                set_={"marks": SmsChangedHour.marks + 1},
            )
        )
