"""The sessions of a channel: a page of the list, or one of them.

The list is read along the index on the last text. Only the sessions of the page that is shown are
counted, so its cost does not grow with the number of texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, case, exists, func, select, text, true

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import Direction, SmsChannel, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING, UNSETTLED
from illumichat_sms_plugin.phone_number import mask
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.sessions.session_search import matching, shown_name

NO_SUCH_SESSION = "There is no such session."


class SessionState(StrEnum):
    """What an admin wants to know first about a session; the first that holds."""

    DECISION = "decision"
    """A text waits for Resend or Dismiss."""
    OPTED_OUT = "opted_out"
    WAITING = "waiting"
    """A text waits for its answer."""
    ACTIVE = "active"
    """The last text is younger than ``SMS_SESSION_ACTIVE_WITHIN``."""
    QUIET = "quiet"


class Show(StrEnum):
    """Which sessions are listed."""

    ALL = "all"
    DECISION = "decision"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom: ``full`` for owner and admin, who see whole phone numbers."""

    workspace_id: str
    full: bool


@dataclass(frozen=True, slots=True)
class ShownContact:
    """A contact as the viewer may see it."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Session:
    """One session as the viewer may see it. ``number`` is masked where it has to be."""

    id: int
    number: str
    contact: ShownContact | None
    chat_id: str | None
    chat_url: str | None
    first_at: datetime
    last_at: datetime
    """When the last text came in."""
    inbound: int
    outbound: int
    state: SessionState
    opted_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionList:
    """A page of sessions, the last texted first, and how many there are."""

    sessions: Sequence[Session]
    total: int


def channel_id_of(assistant_id: str) -> int | None:
    """The channel of an assistant, connected or not; None when there never was one."""
    with transaction() as connection:
        return connection.scalar(select(SmsChannel.id).where(SmsChannel.assistant_id == assistant_id))


def list_sessions(
    runtime: Runtime,
    channel_id: int | None,
    viewer: Viewer,
    *,
    limit: int,
    offset: int = 0,
    query: str = "",
    show: Show = Show.ALL,
) -> SessionList:
    """The sessions that match, ``limit`` from ``offset`` on."""
    if channel_id is None:
        return SessionList((), 0)
    condition = matching(runtime, viewer.workspace_id, query, full=viewer.full)
    where = (SmsSession.channel_id == channel_id, condition, _shown(show, channel_id))
    with transaction() as connection:
        total = connection.scalar(select(func.count()).select_from(SmsSession).where(*where)) or 0
        rows = connection.execute(
            select(SmsSession.__table__, _is_active(runtime))
            .where(*where)
            .order_by(SmsSession.last_message_at.desc(), SmsSession.id.desc())
            .limit(limit)
            .offset(offset)
        ).all()
    return SessionList(_as_sessions(runtime, viewer, rows), total)


def find_session(runtime: Runtime, channel_id: int | None, viewer: Viewer, session_id: int) -> Session:
    """One session of the channel; NotFound when it is not there."""
    return _as_sessions(runtime, viewer, [_row_of(runtime, channel_id, session_id)])[0]


def require_session(channel_id: int | None, session_id: int) -> int:
    """``session_id`` when it is one of the channel's; else NotFound."""
    found = None
    if channel_id is not None:
        with transaction() as connection:
            found = connection.scalar(
                select(SmsSession.id).where(SmsSession.id == session_id, SmsSession.channel_id == channel_id)
            )
    if found is None:
        raise NotFound(NO_SUCH_SESSION)
    return found


def _row_of(runtime: Runtime, channel_id: int | None, session_id: int) -> Row[Any]:
    require_session(channel_id, session_id)
    with transaction() as connection:
        row = connection.execute(
            select(SmsSession.__table__, _is_active(runtime)).where(SmsSession.id == session_id)
        ).first()
    if row is None:
        raise NotFound(NO_SUCH_SESSION)
    return row


def _is_active(runtime: Runtime) -> Any:
    young = SmsSession.last_message_at > db_now(-runtime.settings.session_active_within)
    return young.label("is_active")


def _shown(show: Show, channel_id: int) -> ColumnElement[bool]:
    if show is Show.OPTED_OUT:
        return SmsSession.opted_out_at.is_not(None)
    if show is Show.DECISION:
        waiting = select(SmsMessage.session_id).where(SmsMessage.channel_id == channel_id, text(UNSETTLED))
        return SmsSession.id.in_(waiting)
    return true()


@dataclass(frozen=True, slots=True)
class _Counts:
    inbound: int = 0
    outbound: int = 0
    pending: bool = False
    unsettled: bool = False


def _count(session_ids: Sequence[int]) -> Mapping[int, _Counts]:
    """How many texts the sessions have; only theirs are looked at, in indexes alone."""
    if not session_ids:
        return {}
    inbound = func.sum(case((SmsMessage.direction == Direction.INBOUND.value, 1), else_=0))
    texts = (
        select(SmsMessage.session_id, func.count().label("texts"), inbound.label("inbound"))
        .where(SmsMessage.session_id.in_(session_ids))
        .group_by(SmsMessage.session_id)
    )
    with transaction() as connection:
        counted = {row.session_id: row for row in connection.execute(texts)}
        special = connection.execute(_special(session_ids)).all()
    return {row.id: _counts(row, counted[row.id]) for row in special if row.id in counted}


def _special(session_ids: Sequence[int]) -> Any:
    """Tests, waiting and unsettled texts of each session, one by one.

    Asked for all sessions at once, SQLite prefers an index that reads every unanswered text there is.
    """

    def of_session(which: str) -> Any:
        return (
            SmsMessage.session_id == SmsSession.id,
            SmsMessage.channel_id == SmsSession.channel_id,
            text(which),
        )

    tests = select(func.count()).select_from(SmsMessage).where(*of_session("is_test"))
    return select(
        SmsSession.id,
        tests.correlate(SmsSession).scalar_subquery().label("tests"),
        exists().where(*of_session(PENDING)).label("pending"),
        exists().where(*of_session(UNSETTLED)).label("unsettled"),
    ).where(SmsSession.id.in_(session_ids))


def _counts(special: Row[Any], counted: Row[Any]) -> _Counts:
    return _Counts(
        inbound=counted.inbound - special.tests,
        outbound=counted.texts - counted.inbound,
        pending=bool(special.pending),
        unsettled=bool(special.unsettled),
    )


def _as_sessions(runtime: Runtime, viewer: Viewer, rows: Sequence[Row[Any]]) -> list[Session]:
    counts = _count([row.id for row in rows])
    contacts = _contacts(runtime, viewer, rows)
    return [_as_session(runtime, viewer, row, counts.get(row.id, _Counts()), contacts) for row in rows]


def _contacts(runtime: Runtime, viewer: Viewer, rows: Sequence[Row[Any]]) -> Mapping[str, Contact]:
    ids = {row.contact_id for row in rows if row.contact_id}
    return runtime.host.contacts.get(viewer.workspace_id, ids) if ids else {}


def _as_session(
    runtime: Runtime, viewer: Viewer, row: Row[Any], counts: _Counts, contacts: Mapping[str, Contact]
) -> Session:
    contact = contacts.get(row.contact_id)
    return Session(
        id=row.id,
        number=row.phone_number if viewer.full else mask(row.phone_number),
        contact=ShownContact(
            contact.id, shown_name(contact, full=viewer.full), runtime.host.contacts.url(contact.id)
        )
        if contact
        else None,
        chat_id=row.chat_id,
        chat_url=runtime.host.chats.url(row.chat_id) if row.chat_id else None,
        first_at=row.created_at,
        last_at=row.last_message_at,
        inbound=counts.inbound,
        outbound=counts.outbound,
        state=_state(row, counts),
        opted_out_at=row.opted_out_at,
    )


def _state(row: Row[Any], counts: _Counts) -> SessionState:
    if counts.unsettled:
        return SessionState.DECISION
    if row.opted_out_at is not None:
        return SessionState.OPTED_OUT
    if counts.pending:
        return SessionState.WAITING
    return SessionState.ACTIVE if row.is_active else SessionState.QUIET
