"""Count sessions from their own table: counting distinct senders of messages costs a hundred times more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, exists, func, select
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.models import SmsMessage, SmsSession


@dataclass(frozen=True, slots=True)
class Sessions:
    """``total``: numbers that texted in within the period. ``active``: of those, with a text within
    ``SMS_SESSION_ACTIVE_WITHIN``. ``contacts_matched``: of those, linked to a contact."""

    total: int
    active: int
    contacts_matched: int


def count_sessions(
    connection: Connection, channel_id: int, start: datetime, active_since: datetime
) -> Sessions:
    """Count the sessions whose last text came at ``start`` or later."""
    everything = _count(connection, channel_id, start, active_since)
    tests = _count(connection, channel_id, start, active_since, SmsSession.id.in_(_only_tests(channel_id)))
    return Sessions(
        everything.total - tests.total,
        everything.active - tests.active,
        everything.contacts_matched - tests.contacts_matched,
    )


def _count(
    connection: Connection, channel_id: int, start: datetime, active_since: datetime, *conditions: Any
) -> Sessions:
    """Answered from the index (channel_id, last_message_at, contact_id) alone, without ``conditions``."""
    active = SmsSession.last_message_at >= active_since
    row = connection.execute(
        select(func.count(), func.count(case((active, 1))), func.count(SmsSession.contact_id))
        .select_from(SmsSession)
        .where(SmsSession.channel_id == channel_id, SmsSession.last_message_at >= start, *conditions)
    ).one()
    return Sessions(*row)


def _only_tests(channel_id: int) -> Any:
    """Sessions in which nobody but the Doctor ever texted."""
    real = aliased(SmsMessage)
    return select(SmsMessage.session_id).where(
        SmsMessage.channel_id == channel_id,
        SmsMessage.is_test,
        ~exists().where(real.session_id == SmsMessage.session_id, ~real.is_test),
    )
