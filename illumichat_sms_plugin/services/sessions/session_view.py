"""One session, or those of a page, as the viewer may see them.

Only the texts of sessions that are shown are counted, so the cost does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, case, exists, func, select, text

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.languages.kept import restore
from illumichat_sms_plugin.models import Direction, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import FOR_PERSON, OTHER, PENDING, UNSETTLED
from illumichat_sms_plugin.phone_number import mask
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.sessions.session_search import shown_name


class SessionState(StrEnum):
    """What an admin wants to know first about a session; the first that holds."""

    DECISION = "decision"
    """A text waits for Resend or Dismiss."""
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    """An admin lets it go unanswered."""
    PERSON = "person"
    """A person answers in the assistant's place."""
    SUGGESTION = "suggestion"
    """An answer that the assistant suggests waits for a person."""
    MACHINE = "machine"
    """The texter looks like a machine and gets no answers."""
    WAITING = "waiting"
    """A text waits for its answer."""
    ACTIVE = "active"
    """The last text of a phone is younger than ``SMS_SESSION_ACTIVE_WITHIN``."""
    QUIET = "quiet"


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
    blocked_at: datetime | None
    machine_at: datetime | None
    """When the texter was last taken for a machine; None when it gets answers."""
    machine_evidence: str | None
    """By what, in words."""
    person_since: datetime | None
    """Since when a person answers; None while the assistant does."""
    person_by: str | None
    """Who took it over, by name; None when nobody has yet."""
    person_why: str | None
    """What the assistant said when it handed off."""
    for_person: int
    """Texts that wait for a person's answer."""
    suggested_at: datetime | None
    """Since when an answer that the assistant suggests waits; None when none does."""


def read_rows(runtime: Runtime, session_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What :func:`show_sessions` needs of these sessions, in their order, without those that are gone."""
    if not session_ids:
        return ()
    young = SmsSession.last_message_at > db_now(-runtime.settings.session_active_within)
    rows = select(SmsSession.__table__, young.label("is_active")).where(SmsSession.id.in_(session_ids))
    with transaction() as connection:
        found = {row.id: row for row in connection.execute(rows)}
    return [found[session_id] for session_id in session_ids if session_id in found]


def show_sessions(runtime: Runtime, viewer: Viewer, rows: Sequence[Row[Any]]) -> list[Session]:
    """The sessions of ``rows`` (:func:`read_rows`) in their order; the host is asked for contacts once."""
    counts = _count([row.id for row in rows])
    contacts = _contacts(runtime, viewer, rows)
    return [_as_session(runtime, viewer, row, counts.get(row.id, _Counts()), contacts) for row in rows]


@dataclass(frozen=True, slots=True)
class _Counts:
    inbound: int = 0
    outbound: int = 0
    pending: bool = False
    unsettled: bool = False
    for_person: int = 0


def _count(session_ids: Sequence[int]) -> Mapping[int, _Counts]:
    """How many texts the sessions have; only theirs are looked at, in indexes alone."""
    if not session_ids:
        return {}
    inbound = func.sum(case((SmsMessage.direction == Direction.INBOUND.value, 1), else_=0))
    texts = (
        select(SmsMessage.session_id, func.count().label("texts"), inbound.label("inbound"))
        .where(SmsMessage.session_id.in_(session_ids), SmsMessage.direction != OTHER)
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
    for_person = select(func.count()).select_from(SmsMessage).where(*of_session(FOR_PERSON))
    return select(
        SmsSession.id,
        for_person.correlate(SmsSession).scalar_subquery().label("for_person"),
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
        for_person=special.for_person,
    )


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
        blocked_at=row.blocked_at,
        machine_at=row.machine_at if _is_asleep(row) else None,
        machine_evidence=_evidence(row) if _is_asleep(row) else None,
        person_since=row.person_since,
        person_by=row.person_by,
        person_why=row.person_why,
        for_person=counts.for_person,
        suggested_at=row.suggested_at,
    )


def _evidence(row: Row[Any]) -> str:
    return restore(row.machine_said, row.machine_evidence or "")


def _is_asleep(row: Row[Any]) -> bool:
    return row.machine_at is not None and (row.awake_at is None or row.awake_at < row.machine_at)


def _state(row: Row[Any], counts: _Counts) -> SessionState:
    states = (
        (counts.unsettled, SessionState.DECISION),
        (row.opted_out_at is not None, SessionState.OPTED_OUT),
        (row.blocked_at is not None, SessionState.BLOCKED),
        (row.person_since is not None, SessionState.PERSON),
        (row.suggested_at is not None, SessionState.SUGGESTION),
        (_is_asleep(row), SessionState.MACHINE),
        (counts.pending, SessionState.WAITING),
        (row.is_active and row.phone_number.startswith("+"), SessionState.ACTIVE),
    )
    return next((state for holds, state in states if holds), SessionState.QUIET)
