"""Texts that are as old as a test wants them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from illumichat_sms_plugin.models import (
    SmsAuditEntry,
    SmsConsentEvent,
    SmsMessage,
    SmsRetention,
    SmsSession,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.retention.let_go import take_a_turn

TIMES: dict[Any, tuple[Any, ...]] = {
    SmsMessage: (SmsMessage.created_at,),
    SmsSession: (SmsSession.created_at, SmsSession.last_message_at),
    SmsConsentEvent: (SmsConsentEvent.created_at,),
    SmsAuditEntry: (SmsAuditEntry.created_at,),
}


def age(app: Flask, days: float, *, texts: Any = True) -> None:
    """Make all that there is, or only those ``texts``, older by so many days."""
    by = timedelta(days=days)
    with app.app_context(), transaction() as connection:
        for table, columns in TIMES.items():
            if texts is not True and table is not SmsMessage:
                continue
            for row in connection.execute(
                select(table.id, *columns).where(texts if texts is not True else table.id > 0)
            ):
                earlier = {column.key: at - by for column, at in zip(columns, row[1:], strict=True)}
                connection.execute(update(table).where(table.id == row.id).values(earlier))


def let_go(app: Flask) -> int:
    """Turns until nothing is due; returns how many pages were gone through."""
    with app.app_context():
        with transaction() as connection:
            connection.execute(update(SmsRetention).values(look_at=db_now(-1.0)))
        pages = 0
        while (went := take_a_turn(current_runtime())) is not None:
            pages += went
        return pages
