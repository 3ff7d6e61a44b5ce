"""How often a session's unanswered texts were tried, and when to try again.

An attempt is counted before it is made, so that one that kills its worker counts too: a text that
nobody survives is set aside like one the assistant fails at.
"""

from __future__ import annotations

from sqlalchemy import select, update

from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.leases import SessionLease

LONGEST_WISH = 600.0
"""Seconds that a host may ask for with ``AssistantUnavailable.retry_after``."""


def begin(lease: SessionLease) -> None:
    """Count one more attempt."""
    _update(lease, attempts=SmsSession.attempts + 1)


def reset(lease: SessionLease) -> None:
    """The texts are dealt with: the next ones start anew."""
    _update(lease, attempts=0, retry_at=None, crashed=False)


def plan_retry(runtime: Runtime, lease: SessionLease, *, at_least: float = 0.0) -> bool:
    """Have housekeeping call again after a pause that doubles; True when no attempts remain.

    ``at_least`` is how many seconds the host wants to be left alone; no more than ``LONGEST_WISH`` are granted.
    """
    with transaction() as connection:
        made = connection.scalar(select(SmsSession.attempts).where(SmsSession.id == lease.session_id)) or 0
    last = made >= runtime.settings.assistant_attempts
    pause = 0.0 if last else runtime.settings.retry_delay * 2 ** (made - 1)
    if not last:
        pause = max(pause, min(at_least, LONGEST_WISH))
    _update(lease, retry_at=db_now(pause), crashed=False)
    return last


def put_off(lease: SessionLease, seconds: float) -> None:
    """Have housekeeping call again after ``seconds``."""
    _update(lease, retry_at=db_now(seconds))


def must_wait(lease: SessionLease) -> bool:
    """Whether the pause after a failed attempt is not over yet; a further text does not shorten it."""
    waiting = (SmsSession.attempts > 0, SmsSession.retry_at > db_now())
    with transaction() as connection:
        found = connection.execute(select(SmsSession.id).where(SmsSession.id == lease.session_id, *waiting))
        return found.first() is not None


def apologised_lately(runtime: Runtime, session_id: int) -> bool:
    """Whether this texter had an apology within ``SMS_APOLOGY_INTERVAL``."""
    lately = SmsSession.apologised_at > db_now(-runtime.settings.apology_interval)
    with transaction() as connection:
        found = connection.execute(select(SmsSession.id).where(SmsSession.id == session_id, lately)).first()
    return found is not None


def _update(lease: SessionLease, **values: object) -> None:
    with transaction() as connection:
        connection.execute(
            update(SmsSession)
            .where(SmsSession.id == lease.session_id, SmsSession.lease_token == lease.token)
            .values(**values)
        )
