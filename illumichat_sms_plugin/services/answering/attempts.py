"""How often a session's unanswered texts were tried, and when to try again.

An attempt is counted before it is made, so an attempt that kills its worker counts too. A text that kills
every worker is given up like one that the assistant cannot answer.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, update

from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.base import seconds
from illumichat_sms_plugin.models.database import insist, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.counters import calls_more
from illumichat_sms_plugin.services.leases import SessionLease, if_held, locked_as_taken, named

_OURS = update(SmsSession).where(*if_held())
_BEGIN = (
    update(SmsSession)
    .where(SmsSession.id == bindparam("session"))
    .values(attempts=SmsSession.attempts + 1, **locked_as_taken(seconds("ttl")), **calls_more())
)
_HOLD = _OURS.values(lease_expires_at=db_now(seconds("ttl")), **calls_more())
_RESET = _OURS.values(attempts=0, retry_at=None, crashed=False)
_RESET_AND_PAUSE = _OURS.values(attempts=0, retry_at=db_now(seconds("pause")), crashed=False)
_TAKE_BACK = (
    update(SmsSession)
    .where(*if_held(), SmsSession.attempts > 0)
    .values(attempts=SmsSession.attempts - 1, retry_at=db_now(seconds("pause")))
)
_RETRY = _OURS.values(retry_at=db_now(seconds("pause")), crashed=False)
_PUT_OFF = _OURS.values(retry_at=db_now(seconds("pause")))
_PUT_OFF_ANEW = _OURS.values(attempts=0, retry_at=db_now(seconds("pause")))

LONGEST_WISH = 600.0
"""Seconds that a host may ask for with ``AssistantUnavailable.retry_after``."""


def begin(connection: Connection, lease: SessionLease, ttl: float, *, crashed: bool, calls: int = 1) -> None:
    """Take the lease of a session that is locked, and count one more attempt, which asks the assistant ``calls`` times.

    It takes at most ``ttl`` seconds. ``crashed``: the attempt before it ended with its worker.
    """
    connection.execute(_BEGIN, named(lease, ttl=ttl, calls=calls, was_crashed=crashed))


def go_on(connection: Connection, lease: SessionLease, ttl: float, *, calls: int = 1) -> None:
    """The same attempt takes ``ttl`` more seconds."""
    connection.execute(_HOLD, named(lease, ttl=ttl, calls=calls))


def take_back(runtime: Runtime, lease: SessionLease) -> None:
    """The database could not be reached, so the assistant was not asked. Try again after the first pause."""
    insist(
        lambda connection: connection.execute(_TAKE_BACK, named(lease, pause=runtime.settings.retry_delay))
    )


def reset(lease: SessionLease, pause: float | None = None) -> None:
    """The texts are dealt with: reset the attempts. ``pause`` is the time before the chat is tried again (seconds)."""
    with transaction() as connection:
        if pause is None:
            connection.execute(_RESET, named(lease))
        else:
            connection.execute(_RESET_AND_PAUSE, named(lease, pause=pause))


def plan_retry(runtime: Runtime, lease: SessionLease, made: int, *, at_least: float = 0.0) -> bool:
    """Let housekeeping try again after a pause that doubles each time; True when no attempts remain.

    ``made`` counts the attempts so far, including the last. ``at_least`` is how many seconds the host asks to be
    left alone; it gets no more than ``LONGEST_WISH``.
    """
    last = made >= runtime.settings.assistant_attempts
    pause = 0.0 if last else runtime.settings.retry_delay * 2 ** (made - 1)
    if not last:
        pause = max(pause, min(at_least, LONGEST_WISH))
    with transaction() as connection:
        connection.execute(_RETRY, named(lease, pause=pause))
    return last


def put_off(connection: Connection, lease: SessionLease, seconds: float) -> None:
    """Let housekeeping try again after ``seconds``."""
    connection.execute(_PUT_OFF, named(lease, pause=seconds))


def put_off_anew(connection: Connection, lease: SessionLease, seconds: float) -> None:
    """The same for an answer that is thrown away because the texter goes on writing: that was no failed attempt."""
    connection.execute(_PUT_OFF_ANEW, named(lease, pause=seconds))
