"""Re-enqueue what is still undone: the database is the truth, the queue is a hint.

What waits in the queue is left alone, however long it has waited. A sweep looks through a page of what is undone and
the next one goes on from there, so that it costs the same while ten texters wait and while a million do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, true, update

from illumichat_sms_plugin.job_queue.turns import Waiting
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING, UNFILED, UNFINISHED
from illumichat_sms_plugin.models.person_text import WAITING
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.send_message import longest_lease
from illumichat_sms_plugin.services.leases import has_run_out

PAGE = 1000
"""Undone texts of each kind that one sweep looks at."""
CONNECTED = SmsSession.channel_id.in_(select(SmsChannel.id).where(SmsChannel.account_sid.is_not(None)))
KINDS: tuple[tuple[str, ColumnElement[bool]], ...] = ((PENDING, true()), (UNFILED, CONNECTED))
"""What is undone, and in which sessions something can be done about it."""


def sweep_sessions(runtime: Runtime) -> int:
    """Enqueue idle sessions with undone work that do not wait in the queue; returns how many.

    Any number of copies may run: the second one finds the session in the queue.
    """
    found = dict.fromkeys(session for undone, where in KINDS for session in _undone(runtime, undone, where))
    found |= dict.fromkeys(_with_person_texts(runtime))
    enqueued = runtime.queue.sweep(list(found))
    if enqueued:
        with transaction() as connection:
            connection.execute(
                update(SmsSession).where(SmsSession.id.in_(enqueued)).values(swept_at=db_now())
            )
    return len(enqueued)


def _undone(runtime: Runtime, undone: str, where: ColumnElement[bool]) -> list[Waiting]:
    """The sessions on the next page of a kind of undone texts that a worker should look at now."""
    with transaction() as connection:
        sessions = _next_page(connection, runtime.sweeps, undone)
        if not sessions:
            return []
        rows = connection.execute(
            select(SmsSession.id, SmsSession.channel_id, SmsSession.retry_at)
            .where(SmsSession.id.in_(sessions), where, *_needs_a_worker(runtime))
            .order_by(SmsSession.last_message_at)
        ).all()
    return [Waiting(row.id, row.channel_id, row.retry_at is not None) for row in rows]


def _with_person_texts(runtime: Runtime) -> list[Waiting]:
    """The sessions in which something that a person wrote waits for a worker."""
    waiting = select(SmsPersonText.session_id).where(text(WAITING)).order_by(SmsPersonText.session_id)
    with transaction() as connection:
        sessions = connection.scalars(waiting.limit(PAGE)).all()
        if not sessions:
            return []
        rows = connection.execute(
            select(SmsSession.id, SmsSession.channel_id).where(
                SmsSession.id.in_(sessions), *_needs_a_worker(runtime)[1:]
            )
        ).all()
    return [Waiting(row.id, row.channel_id, False) for row in rows]


def _next_page(connection: Connection, sweeps: dict[str, int], undone: str) -> list[int]:
    """Sessions with such texts, from where the last sweep ended; from the beginning again after the last one."""
    if (
        undone not in sweeps
    ):  # a process that sweeps once begins anywhere, or it would see the first page only
        last = connection.scalar(select(func.max(SmsMessage.session_id)).where(text(undone)))
        sweeps[undone] = random.randint(0, last or 0)  # noqa: S311 - not a secret
    after = sweeps[undone]
    rows = _rows(connection, undone, SmsMessage.session_id > after, PAGE)
    if len(rows) < PAGE:
        rows += _rows(connection, undone, SmsMessage.session_id <= after, PAGE - len(rows))
    if rows:
        sweeps[undone] = rows[-1]
    return list(dict.fromkeys(rows))


def _rows(connection: Connection, undone: str, where: Any, limit: int) -> list[int]:
    page = (
        select(SmsMessage.session_id)
        .where(text(undone), where)
        .order_by(SmsMessage.session_id, SmsMessage.id)
        .limit(limit)
    )
    return list(connection.scalars(page))


def _needs_a_worker(runtime: Runtime) -> Sequence[ColumnElement[bool]]:
    """No worker has it, its time has come, and no answer of it is under way.

    Times in the future are from before the database's clock was set back.
    """
    grace = runtime.settings.sweep_after
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
    idle = or_(SmsSession.lease_token.is_(None), has_run_out(longest_lease(runtime)))
    sending = select(SmsMessage.id).where(SmsMessage.session_id == SmsSession.id, text(UNFINISHED))
    return due, rested, idle, ~sending.exists()
