"""Leases: one worker at a time per session, one process at a time per named piece of work.

A lease that runs out cannot double a text: a worker that starts a send must still hold it, in the same
transaction (see answering/look.py). All times are the database's.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, UpdateBase, bindparam, case, or_, update
from sqlalchemy import delete as sql_delete

from illumichat_sms_plugin.models import SmsLease, SmsSession, db_now
from illumichat_sms_plugin.models.base import seconds
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime

KEPT_FOR = 3600.0
"""Seconds after its end for which a named lease that nobody gave back is kept."""


@dataclass(frozen=True, slots=True)
class SessionLease:
    """Held by one worker on one session."""

    session_id: int
    token: str


class SessionLost(Exception):  # noqa: N818 - not an error: somebody else goes on
    """Another worker has the session by now, or the texter was erased: nothing may be done about it."""


def new_lease(session_id: int) -> SessionLease:
    """One to be taken by :func:`taking`."""
    return SessionLease(session_id, secrets.token_hex(8))


def has_run_out(longest: float | ColumnElement[float]) -> ColumnElement[bool]:
    """Whether a session's lease is over; also when the database's clock was set back since."""
    return or_(SmsSession.lease_expires_at < db_now(), SmsSession.lease_expires_at > db_now(longest))


_CRASHED = case((SmsSession.lease_token.is_(None), SmsSession.crashed), else_=SmsSession.attempts > 0)
"""A lease that ran out was never given back: a try that was under way then ended with its worker."""


def if_free() -> tuple[ColumnElement[bool], ...]:
    """Conditions on a session whose lease nobody has. Parameters: ``session`` and ``longest``."""
    is_free = or_(SmsSession.lease_token.is_(None), has_run_out(seconds("longest")))
    return (SmsSession.id == bindparam("session"), is_free)


def once_taken(*columns: Any) -> tuple[Any, ...]:
    """``columns`` of a session as they are once its lease is taken."""
    return tuple(_CRASHED.label("crashed") if column is SmsSession.crashed else column for column in columns)


def taking(*columns: Any) -> UpdateBase:
    """Take the lease of a session that nobody has. Parameters: ``session``, ``token``, ``ttl`` and ``longest``."""
    return (
        update(SmsSession)
        .where(*if_free())
        .values(lease_token=bindparam("token"), lease_expires_at=db_now(seconds("ttl")), crashed=_CRASHED)
        .returning(*columns)
    )


def if_held() -> tuple[ColumnElement[bool], ...]:
    """Conditions on the session of a lease that is still ours. Parameters: ``session`` and ``token``."""
    return (SmsSession.id == bindparam("session"), SmsSession.lease_token == bindparam("token"))


def holding(*columns: Any) -> UpdateBase:
    """Lock the session and keep its lease for ``ttl`` more seconds from now. Further parameters: ``session``, ``token``."""
    return (
        update(SmsSession)
        .where(*if_held())
        .values(lease_expires_at=db_now(seconds("ttl")))
        .returning(*columns)
    )


def named(lease: SessionLease, **more: Any) -> dict[str, Any]:
    """The parameters that say which lease is meant, and ``more``."""
    return {"session": lease.session_id, "token": lease.token, **more}


def locked_as_taken(ttl: ColumnElement[float]) -> dict[str, Any]:
    """The columns of an UPDATE that takes the lease of a session which this transaction has locked and found free.

    Parameters: ``token``, ``was_crashed``, and what is in ``ttl``.
    """
    return {
        "lease_token": bindparam("token"),
        "lease_expires_at": db_now(ttl),
        "crashed": bindparam("was_crashed", type_=Boolean),
    }


_TAKE = taking(SmsSession.id)
_TAKE_LOCKED = (
    update(SmsSession).where(SmsSession.id == bindparam("session")).values(locked_as_taken(seconds("ttl")))
)
_RELEASE = update(SmsSession).where(*if_held()).values(lease_token=None, lease_expires_at=None)


def take_session(session_id: int, ttl: float, longest: float | None = None) -> SessionLease | None:
    """Take the session's lease for ``ttl`` seconds, or None when another worker holds it.

    Nobody holds one for more than ``longest`` seconds, or ``ttl``.
    """
    lease = new_lease(session_id)
    with transaction() as connection:
        taken = connection.execute(_TAKE, named(lease, ttl=ttl, longest=longest or ttl)).first()
    return lease if taken is not None else None


def take_locked(connection: Connection, lease: SessionLease, ttl: float, *, crashed: bool) -> None:
    """Take the lease of a session which this transaction has locked and found free."""
    connection.execute(_TAKE_LOCKED, named(lease, ttl=ttl, was_crashed=crashed))


def release(connection: Connection, lease: SessionLease) -> None:
    """Give the lease back, if it is still ours; the session stays locked until the transaction ends."""
    connection.execute(_RELEASE, named(lease))


def release_session(lease: SessionLease) -> None:
    """The same at once."""
    with transaction() as connection:
        release(connection, lease)


@contextmanager
def named_lease(name: str, ttl: float) -> Iterator[bool]:
    """Try to be the only one at ``name``, which holds no number of anybody, for at most ``ttl`` seconds; yields whether we are."""
    token = secrets.token_hex(16)
    held = _take_named(name, token, ttl)
    try:
        yield held
    finally:
        if held:
            with transaction() as connection:
                connection.execute(sql_delete(SmsLease).where(SmsLease.name == name, SmsLease.token == token))


def lasting_lease(name: str, ttl: float) -> bool:
    """Take ``name`` for ``ttl`` seconds and never give it back, for what is done once in that time; False where somebody has it."""
    return _take_named(name, secrets.token_hex(16), ttl)


def forget_old_leases(runtime: Runtime) -> int:  # noqa: ARG001 - a chore's signature
    """Delete the named leases that ended with their process; part of housekeeping."""
    with transaction() as connection:
        gone = connection.execute(sql_delete(SmsLease).where(SmsLease.expires_at < db_now(-KEPT_FOR)))
    return gone.rowcount


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
