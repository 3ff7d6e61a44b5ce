"""Whoever was turned away, and what looks like an attack: a line in the log, and a figure in the metrics.

The request that is denied writes nothing to the database: counts wait in memory for a moment, as those of
refused webhooks do (inbound/rejections.py), and a thread adds them to one row per ten minutes, event and reason.
"""

from __future__ import annotations

import logging

from flask import Flask, current_app
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.models import SmsSecurityCount
from illumichat_sms_plugin.models.database import insert_or_conflict, read_now, transaction
from illumichat_sms_plugin.runtime import Runtime

logger = logging.getLogger("illumichat_sms.security")

SLOT = 600
LAST_HOUR = 6
KEPT_SLOTS = 7 * 86400 // SLOT


def note_event(runtime: Runtime, event: str, reason: str, **fields: str) -> None:
    """Log and count; ``event`` and ``reason`` are words of ours, in ``fields`` anybody may have written."""
    runtime.event_log.write(event, reason, **fields)
    if runtime.event_counts.note((0, f"{event}/{reason}"), None):
        _flush_later(runtime)


def _flush_later(runtime: Runtime) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    runtime.event_counts.plan(lambda: _flush_in_thread(app, runtime))


def _flush_in_thread(app: Flask, runtime: Runtime) -> None:
    with app.app_context():
        try:
            flush_events(runtime)
        except SQLAlchemyError as error:
            logger.warning("security events could not be counted: %s", type(error).__name__)
        if runtime.event_counts.wants_round():
            _flush_later(runtime)


def flush_events(runtime: Runtime) -> None:
    """Write down what this process has counted."""
    with runtime.event_counts.round() as noted:
        if not noted:
            return
        slot = _slot_now()
        with transaction() as connection:
            for (_, name), found in sorted(noted, key=lambda each: each[0]):
                event, _, reason = name.partition("/")
                insert = insert_or_conflict(connection, SmsSecurityCount).values(
                    slot=slot, event=event[:32], reason=reason[:32], count=found.count
                )
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=[
                            SmsSecurityCount.slot,
                            SmsSecurityCount.event,
                            SmsSecurityCount.reason,
                        ],
                        set_={"count": SmsSecurityCount.count + found.count},
                    )
                )


def events_of_the_last_hour() -> dict[tuple[str, str], int]:
    """How often each event came, by event and reason."""
    columns = (SmsSecurityCount.event, SmsSecurityCount.reason)
    since = _slot_now() - LAST_HOUR
    with transaction() as connection:
        rows = connection.execute(
            select(*columns, func.sum(SmsSecurityCount.count).label("times"))
            .where(SmsSecurityCount.slot > since)
            .group_by(*columns)
        ).all()
    return {(row.event, row.reason): int(row.times) for row in rows}


def forget_old_events(runtime: Runtime) -> int:  # noqa: ARG001 - a chore's signature
    """Delete the counts that are older than a week; part of housekeeping."""
    with transaction() as connection:
        gone = connection.execute(
            delete(SmsSecurityCount).where(SmsSecurityCount.slot < _slot_now() - KEPT_SLOTS)
        )
    return gone.rowcount


def _slot_now() -> int:
    return int(read_now().timestamp() // SLOT)
