"""Leases: one worker at a time per session, one process at a time per named piece of work.

A lease that runs out cannot double a text: whoever starts a send must still hold it, in the same
transaction (see send_message.py). All times are the database's.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy import delete as sql_delete

from illumichat_sms_plugin.models import SmsLease, SmsSession, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction


@dataclass(frozen=True, slots=True)
class SessionLease:
    """Held by one worker on one session."""

    session_id: int
    token: str


def take_session(session_id: int, ttl: float, longest: float | None = None) -> SessionLease | None:
    """Take the session's lease for ``ttl`` seconds, or None when another worker holds it.

    Nobody holds one for more than ``longest`` seconds, or ``ttl``. A lease that ran out was never given back: a try that was under way then ended with its worker.
    """
    token = secrets.token_hex(16)
    given_back = SmsSession.lease_token.is_(None)
    never_given_back: dict[str, object] = {"crashed": SmsSession.attempts > 0}
    with transaction() as connection:
        for free, found in ((given_back, {}), (has_run_out(longest or ttl), never_given_back)):
            taken = connection.execute(
                update(SmsSession)
                .where(SmsSession.id == session_id, free)
                .values(lease_token=token, lease_expires_at=db_now(ttl), **found)
                .returning(SmsSession.id)
            ).first()
            if taken is not None:
                return SessionLease(session_id, token)
    return None


def has_run_out(longest: float) -> ColumnElement[bool]:
    """Whether a session's lease is over; also when the database's clock was set back since."""
    return or_(SmsSession.lease_expires_at < db_now(), SmsSession.lease_expires_at > db_now(longest))


def extend_session(lease: SessionLease, ttl: float) -> bool:
    """Hold on for ``ttl`` more seconds from now; False when the lease was lost."""
    with transaction() as connection:
        kept = connection.execute(
            update(SmsSession)
            .where(SmsSession.id == lease.session_id, SmsSession.lease_token == lease.token)
            .values(lease_expires_at=db_now(ttl))
            .returning(SmsSession.id)
        ).first()
    return kept is not None


def release_session(lease: SessionLease) -> None:
    """Give the lease back, if it is still ours."""
    with transaction() as connection:
        connection.execute(
            update(SmsSession)
            .where(SmsSession.id == lease.session_id, SmsSession.lease_token == lease.token)
            .values(lease_token=None, lease_expires_at=None)
        )


@contextmanager
def named_lease(name: str, ttl: float) -> Iterator[bool]:
    """Try to be the only one at ``name`` for at most ``ttl`` seconds; yields whether we are."""
    token = secrets.token_hex(16)
    held = _take_named(name, token, ttl)
    try:
        yield held
    finally:
        if held:
            with transaction() as connection:
                connection.execute(sql_delete(SmsLease).where(SmsLease.name == name, SmsLease.token == token))


def _take_named(name: str, token: str, ttl: float) -> bool:
    with transaction() as connection:
        insert = insert_or_conflict(connection, SmsLease).values(
            name=name, token=token, expires_at=db_now(ttl)
        )
        taken = connection.execute(
            insert.on_conflict_do_update(
                index_elements=[SmsLease.name],
                set_={"token": token, "expires_at": db_now(ttl)},
                where=SmsLease.expires_at < db_now(),
            ).returning(SmsLease.name)
        ).first()
    return taken is not None
