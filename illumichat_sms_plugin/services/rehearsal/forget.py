"""Forget rehearsals that nobody goes on with. Part of housekeeping."""

from __future__ import annotations

from sqlalchemy import delete, select

from illumichat_sms_plugin.models import SmsRehearsal, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.rehearsal.ask import throw_away

KEPT = 2 * 3600.0
"""Seconds after the last text."""
BATCH = 50


def forget_old_rehearsals(runtime: Runtime) -> int:
    """Delete them, and have the host throw their chats away; returns how many there were."""
    old = select(SmsRehearsal.id).where(SmsRehearsal.last_at < db_now(-KEPT)).limit(BATCH)
    with transaction() as connection:
        gone = delete(SmsRehearsal).where(
            SmsRehearsal.id.in_(old.scalar_subquery()), SmsRehearsal.last_at < db_now(-KEPT)
        )
        chats = connection.scalars(gone.returning(SmsRehearsal.chat_id)).all()
    for chat_id in chats:
        if chat_id:
            throw_away(runtime, chat_id)
    return len(chats)
