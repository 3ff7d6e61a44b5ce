"""Count sessions from their own table: counting distinct senders of messages costs a hundred times more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, func, select, text
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.models import SmsMessage, SmsSession, UtcDateTime


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
    span = {"channel_id": channel_id, "start": start, "active_since": active_since}
    everything = connection.execute(_count(), span).one()
    tests = connection.execute(_count_tests(), span).one()
    return Sessions(*(count - test for count, test in zip(everything, tests, strict=True)))


# Built once: putting such a statement together takes longer than the database takes to run it.
@cache
def _count(channel_id: Any = SmsSession.channel_id) -> Select[*tuple[Any, ...]]:
    """Answered from the index ``ix_sms_sessions_last_message`` alone."""
    active = SmsSession.last_message_at >= bindparam("active_since", type_=UtcDateTime)
    return (
        select(func.count(), func.count(case((active, 1))), func.count(SmsSession.contact_id))
        .select_from(SmsSession)
        .where(
            channel_id == bindparam("channel_id"),
            SmsSession.last_message_at >= bindparam("start", type_=UtcDateTime),
        )
    )


@cache
def _count_tests() -> Select[*tuple[Any, ...]]:
    """The same of sessions in which nobody but the Doctor ever texted."""
    real = aliased(SmsMessage)
    tests = select(SmsMessage.session_id).where(
        SmsMessage.channel_id == bindparam("channel_id"),
        text("sms_messages.is_test"),  # word for word as in the partial index, else SQLite reads all texts
        ~exists().where(real.session_id == SmsMessage.session_id, ~real.is_test),
    )
    # Of those few: "+ 0" keeps SQLite from going through all sessions of the period to find them.
    return _count(SmsSession.channel_id + 0).where(SmsSession.id.in_(tests))
