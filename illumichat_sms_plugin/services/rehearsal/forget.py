"""Forget rehearsals that nobody goes on with. Part of housekeeping."""

from __future__ import annotations

from sqlalchemy import delete, select

from illumichat_sms_plugin.models import SmsRehearsal, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.rehearsal.throw_away import note, throw_away

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
        forgotten = connection.execute(gone.returning(SmsRehearsal.channel_id, SmsRehearsal.chat_id)).all()
        for row in forgotten:
            note(connection, row.channel_id, row.chat_id)
    for row in forgotten:
        throw_away(runtime, row.chat_id)
    return len(forgotten)
