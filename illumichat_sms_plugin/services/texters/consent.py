"""Opting out and in: the state in the session, the evidence beside it.

Twilio confirms STOP and START itself and blocks the number, so we never answer them. We record them too, and
we honour wishes that Twilio does not recognise (plain wishes, punctuation). We confirm those ourselves.
https://help.twilio.com/articles/223134027
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.models import SmsConsentEvent, SmsSession, db_now

Action = Literal["opt_out", "opt_in"]
AGREED = "agreed"
"""What stands in the ledger for a first text: to what its recipient agreed. It changes no opt-out."""
CONFIRM_WITHIN = 300.0
"""Seconds after an opt-out in which it may be confirmed, once: 47 CFR 64.1200(a)(12)."""


def record_consent(
    connection: Connection,
    session_id: int,
    action: str,
    *,
    source: str,
    detail: str = "",
    at: datetime | None = None,
    to_be_confirmed: bool = False,
) -> bool:
    """Apply ``action`` in the caller's transaction; False if that was the state already.

    ``at`` is when a text that came late was sent: it does not override what the texter said after it.
    ``to_be_confirmed``: Twilio does not confirm it, so we tell the texter, once and within five minutes.
    """
    if at is not None and _has_spoken_since(connection, session_id, at):
        return False
    opting_out = action == "opt_out"
    current = SmsSession.opted_out_at
    changed = connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, current.is_(None) if opting_out else current.is_not(None))
        .values(
            opted_out_at=db_now() if opting_out else None,
            confirm_until=_five_minutes_after(at) if opting_out and to_be_confirmed else None,
            clarified_at=None,
        )
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


def record_agreement(connection: Connection, session_id: int, consent: Consent, *, by: str) -> None:
    """Keep what a person agreed to, in the caller's transaction; ``by`` is who says so."""
    values = {"agreed_to": consent.what, "agreed_at": consent.at, "agreed_how": consent.how}
    connection.execute(
        insert(SmsConsentEvent).values(
            session_id=session_id, action=AGREED, source="host", detail=by[:160], **values
        )
    )


def is_confirmed_by_twilio(connection: Connection, session_id: int) -> None:
    """Twilio confirms the opt-out to the texter, so we do not."""
    connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, SmsSession.confirm_until.is_not(None))
        .values(confirm_until=None)
    )


def _five_minutes_after(at: datetime | None) -> datetime | db_now:
    return db_now(CONFIRM_WITHIN) if at is None else at + timedelta(seconds=CONFIRM_WITHIN)


def _has_spoken_since(connection: Connection, session_id: int, at: datetime) -> bool:
    newer = select(SmsConsentEvent.id).where(
        SmsConsentEvent.session_id == session_id,
        SmsConsentEvent.created_at > at,
        SmsConsentEvent.action != AGREED,
    )
    return connection.execute(newer.limit(1)).first() is not None
