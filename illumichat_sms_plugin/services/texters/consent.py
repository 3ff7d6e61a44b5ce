"""Opting out and in: the state in the session, the evidence beside it.

Twilio confirms STOP and START itself and blocks the number, so we never answer them; we honour
them on our side too, also where Twilio does not (plain wishes, punctuation).
https://help.twilio.com/articles/223134027
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from illumichat_sms_plugin.models import SmsConsentEvent, SmsSession, db_now

Action = Literal["opt_out", "opt_in"]


def record_consent(
    connection: Connection,
    session_id: int,
    action: str,
    *,
    source: str,
    detail: str = "",
    at: datetime | None = None,
) -> bool:
    """Apply ``action`` in the caller's transaction; False when that was the state already.

    ``at`` is when a text that came late was sent: it changes nothing that was said after it.
    """
    if at is not None and _has_spoken_since(connection, session_id, at):
        return False
    opting_out = action == "opt_out"
    current = SmsSession.opted_out_at
    changed = connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, current.is_(None) if opting_out else current.is_not(None))
        .values(opted_out_at=db_now() if opting_out else None)
        .returning(SmsSession.id)
    ).first()
    if changed is None:
        return False
    connection.execute(
        insert(SmsConsentEvent).values(
            session_id=session_id, action=action, source=source, detail=detail[:160]
        )
    )
    return True


def _has_spoken_since(connection: Connection, session_id: int, at: datetime) -> bool:
    newer = select(SmsConsentEvent.id).where(
        SmsConsentEvent.session_id == session_id, SmsConsentEvent.created_at > at
    )
    return connection.execute(newer.limit(1)).first() is not None
