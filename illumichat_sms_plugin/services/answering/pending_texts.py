"""Inbound texts that still wait for their answer: read them, or close them with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text, update

from illumichat_sms_plugin.models import Direction, NoReply, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING, UNFINISHED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed

ASKED_AT = func.coalesce(SmsMessage.replayed_at, SmsMessage.sent_at, SmsMessage.created_at)
"""When a text asked for its answer."""
MAX_AT_ONCE = 50
"""Texts that are answered together; more are answered in the next round."""


def pending_texts(session_id: int) -> Sequence[Row[Any]]:
    """The oldest unanswered texts of a session in the order in which they were recorded."""
    with transaction() as connection:
        return connection.execute(
            select(SmsMessage.__table__)
            .where(SmsMessage.session_id == session_id, text(PENDING))
            .order_by(SmsMessage.id)
            .limit(MAX_AT_ONCE)
        ).all()


def has_unfinished_send(session_id: int) -> bool:
    """Whether an earlier answer is still being sent or in doubt: later ones wait for it."""
    with transaction() as connection:
        found = connection.execute(
            select(SmsMessage.id).where(SmsMessage.session_id == session_id, text(UNFINISHED)).limit(1)
        ).first()
    return found is not None


def close_texts(texts: Sequence[Row[Any]], reason: NoReply) -> None:
    """Give up on those of ``texts`` that are still unanswered, and say why."""
    if not texts:
        return
    with transaction() as connection:
        closed = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id.in_([row.id for row in texts]), text(PENDING))
            .values(no_reply_reason=reason.value)
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, closed)


def close_stale(runtime: Runtime, session_id: int) -> None:
    """Close the texts that are too old: a late answer helps nobody, and may come at night."""
    limit = db_now(-runtime.settings.reply_stale_after)
    with transaction() as connection:
        closed = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.session_id == session_id, text(PENDING), limit > ASKED_AT)
            .values(no_reply_reason=NoReply.STALE.value)
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, closed)


def answers_last_hour(session_id: int) -> int:
    """How many answers to this number were begun within the last hour."""
    recent = select(func.count()).where(
        SmsMessage.session_id == session_id,
        SmsMessage.direction == Direction.OUTBOUND.value,
        SmsMessage.created_at > db_now(-3600.0),
    )
    with transaction() as connection:
        return connection.scalar(recent) or 0
