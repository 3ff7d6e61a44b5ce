"""Re-enqueue what is still undone: the database is the truth, the queue is a hint.

What waits in the queue is left alone, however long it has waited. A sweep looks through a page of what is undone and
the next one goes on from there, so that it costs the same while ten texters wait and while a million do.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, true, update

from illumichat_sms_plugin.job_queue.turns import Waiting
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING, UNFILED, UNFINISHED
from illumichat_sms_plugin.models.one_of import is_in
from illumichat_sms_plugin.models.person_text import WAITING
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.send_message import longest_lease
from illumichat_sms_plugin.services.leases import has_run_out

PAGE = 500
"""Undone texts of each kind that one sweep looks at."""
MOST_OF_A_PAGE = PAGE // 2
"""A sweep that enqueued so many has found a queue that was lost: the next one follows at once."""
CONNECTED = SmsSession.channel_id.in_(select(SmsChannel.id).where(SmsChannel.account_sid.is_not(None)))
_Text = type[SmsMessage] | type[SmsPersonText]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is undone, and in which sessions something can be done about it."""

    text: _Text
    undone: str
    """A condition in SQL, that of an index by session."""
    where: ColumnElement[bool]
    waits: bool = True
    """It is left to the job that was enqueued with it, and to a retry, until its time has come."""


KINDS = (
    Kind(SmsMessage, PENDING, true()),
    Kind(SmsMessage, UNFILED, CONNECTED),
    Kind(SmsPersonText, WAITING, true(), waits=False),
)


def sweep_sessions(runtime: Runtime) -> int:
    """Enqueue idle sessions with undone work that do not wait in the queue; returns how many.

    Any number of copies may run: the second one finds the session in the queue.
    """
    found = dict.fromkeys(session for kind in KINDS for session in _undone(runtime, kind))
    enqueued = runtime.queue.sweep(list(found))
    if enqueued:
        with transaction() as connection:
            connection.execute(
                update(SmsSession).where(is_in(connection, SmsSession.id, enqueued)).values(swept_at=db_now())
            )
    return len(enqueued)


def _undone(runtime: Runtime, kind: Kind) -> list[Waiting]:
    """The sessions on the next page of a kind of undone texts that a worker should look at now."""
    with transaction() as connection:
        sessions = _next_page(connection, runtime.sweeps, kind)
        if not sessions:
            return []
        rows = connection.execute(
            select(SmsSession.id, SmsSession.channel_id, SmsSession.retry_at)
            .where(is_in(connection, SmsSession.id, sessions), kind.where, *_needs_a_worker(runtime, kind))
            .order_by(SmsSession.last_message_at)
        ).all()
    return [Waiting(row.id, row.channel_id, kind.waits and row.retry_at is not None) for row in rows]


def _next_page(connection: Connection, sweeps: dict[str, int], kind: Kind) -> list[int]:
    """Sessions with such texts, from where the last sweep ended; from the beginning again after the last one."""
    of, undone = kind.text, kind.undone
    if (
        undone not in sweeps
    ):  # a process that sweeps once begins anywhere, or it would see the first page only
        last = connection.scalar(select(func.max(of.session_id)).where(text(undone)))
        sweeps[undone] = random.randint(0, last or 0)  # noqa: S311 - not a secret
    after = sweeps[undone]
    rows = _rows(connection, kind, of.session_id > after, PAGE)
    if len(rows) < PAGE:
        rows += _rows(connection, kind, of.session_id <= after, PAGE - len(rows))
    if rows:
        sweeps[undone] = rows[-1]
    return list(dict.fromkeys(rows))


def _rows(connection: Connection, kind: Kind, where: Any, limit: int) -> list[int]:
    page = (
        select(kind.text.session_id)
        .where(text(kind.undone), where)
        .order_by(kind.text.session_id, kind.text.id)
        .limit(limit)
    )
    return list(connection.scalars(page))


def _needs_a_worker(runtime: Runtime, kind: Kind) -> Sequence[ColumnElement[bool]]:
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
    return due if kind.waits else true(), rested, idle, ~sending.exists()
