"""Re-enqueue what is still undone: the database is the truth, the queue is a hint."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select, text, union, update

from illumichat_sms_plugin.models import SmsChannel, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING, UNFILED, UNFINISHED
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.send_message import longest_lease
from illumichat_sms_plugin.services.leases import has_run_out

BATCH = 500


def sweep_sessions(runtime: Runtime) -> int:
    """Enqueue every idle session with undone work; returns how many.

    The claim puts the next sweep of the session off, so any number of copies may run.
    """
    sessions = _claim(runtime.settings.sweep_after, longest_lease(runtime))
    for session_id in sessions:
        runtime.queue.answer_session(session_id)
    return len(sessions)


def _claim(grace: float, longest: float) -> Sequence[int]:
    """``grace`` is how long a job gets to start before its session is enqueued again, ``longest`` how long a lease is
    at most (seconds). Times in the future are from before the database's clock was set back."""
    connected = select(SmsChannel.id).where(SmsChannel.account_sid.is_not(None))
    # "+ 0", because SQLite would rather go through all texts of these channels than those without a chat.
    in_connected = (SmsMessage.channel_id + 0).in_(connected)
    # Two queries put together, because SQLite uses a partial index only for its very own condition.
    undone = union(
        select(SmsMessage.session_id).where(text(PENDING)),
        select(SmsMessage.session_id).where(text(UNFILED), in_connected),
    )
    blocked = select(SmsMessage.id).where(SmsMessage.session_id == SmsSession.id, text(UNFINISHED))
    idle = or_(SmsSession.lease_token.is_(None), has_run_out(longest))
    due = or_(
        SmsSession.retry_at <= db_now(),
        and_(
            SmsSession.retry_at.is_(None),
            or_(SmsSession.last_message_at < db_now(-grace), SmsSession.last_message_at > db_now()),
        ),
    )
    rested = or_(
        SmsSession.swept_at.is_(None), SmsSession.swept_at < db_now(-grace), SmsSession.swept_at > db_now()
    )
    with transaction() as connection:
        candidates = (
            select(SmsSession.id)
            .where(one_of(connection, SmsSession.id, undone), idle, due, rested, ~blocked.exists())
            .order_by(SmsSession.last_message_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = connection.execute(
            update(SmsSession)
            .where(one_of(connection, SmsSession.id, candidates), idle, due, rested)
            .values(swept_at=db_now())
            .returning(SmsSession.id)
        ).all()
    return [row.id for row in rows]
