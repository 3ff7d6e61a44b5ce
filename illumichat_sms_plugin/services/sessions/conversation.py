"""The texts of one session, a page at a time, with what happened to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.message_status import RANK, MessageStatus
from illumichat_sms_plugin.models import (
    Direction,
    SendState,
    SmsConsentEvent,
    SmsMessage,
    SmsPersonText,
    SmsRest,
    SmsStatusEvent,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import OTHER
from illumichat_sms_plugin.services.answering.outgoing import picture_in
from illumichat_sms_plugin.services.inbound.receive_message import REPLAYABLE
from illumichat_sms_plugin.services.sessions.message_words import Words, message_words, status_words
from illumichat_sms_plugin.services.sessions.shown_files import ShownFile, files_of
from illumichat_sms_plugin.services.texters.consent import AGREED
from illumichat_sms_plugin.services.texters.ledger import agreement_in_words
from illumichat_sms_plugin.text.expense import Expense, expense_of

MAX_CONSENT_EVENTS = 100


class TextAction(StrEnum):
    """What an admin may do with a text, as addresses of the JSON API spell it."""

    RESEND = "resend"
    DISMISS = "dismiss"
    ANSWER_AGAIN = "answer-again"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a text, in words."""

    at: datetime
    label: str
    status: str | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text. ``media`` are the kinds of its attachments."""

    id: int
    direction: str
    body: str
    created_at: datetime
    segments: int
    media: tuple[str, ...]
    words: Words
    kind: str | None
    send_state: str | None
    status: str | None
    error_code: int | None
    no_reply_reason: str | None
    price: Decimal | None
    price_unit: str | None
    is_test: bool
    wish_rule: str | None
    wish_words: str | None
    events: tuple[Event, ...]
    rest: str | None = None
    """What an answer lost at Max Message Length."""
    person: str | None = None
    """The name of the person who wrote it, or sent it as the assistant suggested it."""
    rest_sent: bool = False
    """Whether it has gone out since."""
    files: tuple[ShownFile, ...] = ()
    """What is attached, one for each of ``media``."""
    picture_url: str = ""
    """The picture that went out with it."""

    @property
    def expense(self) -> Expense:
        """How it travels, and which of its characters make it expensive."""
        return expense_of(self.body)

    @property
    def is_inbound(self) -> bool:
        """Whether the texter wrote it."""
        return self.direction == Direction.INBOUND

    @property
    def waits_for_decision(self) -> bool:
        """Whether an admin has to choose between Resend and Dismiss."""
        return self.send_state == SendState.UNSETTLED

    @property
    def can_be_replayed(self) -> bool:
        """Whether it would have an answer if something had not failed."""
        return self.no_reply_reason in REPLAYABLE

    @property
    def actions(self) -> tuple[TextAction, ...]:
        """What an admin may do with it now."""
        if self.waits_for_decision:
            return TextAction.RESEND, TextAction.DISMISS
        return (TextAction.ANSWER_AGAIN,) if self.can_be_replayed else ()


@dataclass(frozen=True, slots=True)
class Texts:
    """Newest first. ``next_cursor`` leads to the older ones; None at the end."""

    texts: Sequence[Text]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """An opt-out, opt-in or agreement and what it rests on."""

    at: datetime
    label: str
    evidence: str
    action: str
    """``opt_out``, ``opt_in`` or ``agreed``."""


def read_texts(session_id: int, *, limit: int, before: int | None = None) -> Texts:
    """``limit`` texts older than the one with the id ``before``, or the newest."""
    statement = select(SmsMessage.__table__).where(SmsMessage.session_id == session_id)
    if before is not None:
        statement = statement.where(SmsMessage.id < before)
    with transaction() as connection:
        rows = connection.execute(statement.order_by(SmsMessage.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    return Texts(_as_texts(shown), shown[-1].id if len(rows) > limit else None)


def texts_after(session_id: int, message_id: int, *, limit: int) -> list[Text]:
    """``limit`` texts newer than the one with this id, oldest first."""
    of_session = SmsMessage.session_id == session_id, SmsMessage.id > message_id
    wanted = select(SmsMessage.__table__).where(*of_session).order_by(SmsMessage.id).limit(limit)
    with transaction() as connection:
        rows = connection.execute(wanted).all()
    return _as_texts(rows)


def _as_texts(rows: Sequence[Row[Any]]) -> list[Text]:
    outbound = [row.id for row in rows if row.direction == Direction.OUTBOUND]
    events, rests = _status_events(outbound), _rests(outbound)
    people = _people([row.id for row in rows if row.kind in ("person", "first", "answer")])
    files = files_of([row for row in rows if row.direction == Direction.INBOUND])
    return [
        _as_text(row, events.get(row.id, ()), rests.get(row.id), people.get(row.id), files.get(row.id, ()))
        for row in rows
    ]


def read_text(session_id: int, message_id: int) -> Text:
    """One text of the session, which must have it."""
    return read_texts(session_id, limit=1, before=message_id + 1).texts[0]


def consent_events(session_id: int) -> Sequence[ConsentEvent]:
    """The newest opt-outs and opt-ins, oldest first."""
    statement = (
        select(SmsConsentEvent.__table__)
        .where(SmsConsentEvent.session_id == session_id)
        .order_by(SmsConsentEvent.id.desc())
        .limit(MAX_CONSENT_EVENTS)
    )
    with transaction() as connection:
        rows = connection.execute(statement).all()
    return [
        ConsentEvent(row.created_at, _consent_label(row), _evidence(row), row.action)
        for row in reversed(rows)
    ]


def _status_events(message_ids: Sequence[int]) -> Mapping[int, Sequence[Row[Any]]]:
    if not message_ids:
        return {}
    statement = select(SmsStatusEvent.__table__).where(SmsStatusEvent.message_id.in_(message_ids))
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    with transaction() as connection:
        rows = connection.execute(statement).all()
    for row in sorted(rows, key=lambda row: (row.created_at, RANK.get(MessageStatus(row.status), 0))):
        found[row.message_id].append(row)
    return found


def _rests(message_ids: Sequence[int]) -> Mapping[int, Any]:
    if not message_ids:
        return {}
    statement = select(SmsRest.message_id, SmsRest.body, SmsRest.sent_as).where(
        SmsRest.message_id.in_(message_ids)
    )
    with transaction() as connection:
        return {row.message_id: row for row in connection.execute(statement)}


def _people(message_ids: Sequence[int]) -> Mapping[int, str]:
    if not message_ids:
        return {}
    columns = SmsPersonText.message_id, SmsPersonText.by_name
    with transaction() as connection:
        rows = connection.execute(select(*columns).where(SmsPersonText.message_id.in_(message_ids)))
        return {row.message_id: row.by_name for row in rows}


def _as_text(
    row: Row[Any],
    events: Sequence[Row[Any]],
    rest: Any,
    person: str | None,
    files: tuple[ShownFile, ...],
) -> Text:
    return Text(
        id=row.id,
        direction=Direction.OUTBOUND.value if row.direction == OTHER else row.direction,
        body=row.body,
        created_at=row.sent_at if row.direction == OTHER and row.sent_at else row.created_at,
        segments=row.segments,
        media=tuple(str(item.get("content_type") or "file") for item in row.media or ()),
        words=message_words(row),
        kind=row.kind,
        send_state=row.send_state,
        status=row.status,
        error_code=row.error_code,
        no_reply_reason=row.no_reply_reason,
        price=row.price,
        price_unit=row.price_unit,
        is_test=row.is_test,
        wish_rule=row.wish_rule,
        wish_words=row.wish_words,
        events=_timeline(row, events),
        rest=rest.body if rest else None,
        person=person,
        rest_sent=rest is not None and rest.sent_as is not None,
        files=files,
        picture_url=picture_in(row.media) if row.direction == Direction.OUTBOUND else "",
    )


def _timeline(row: Row[Any], events: Sequence[Row[Any]]) -> tuple[Event, ...]:
    """What happened to an outbound text, in the order in which we learned it."""
    if row.direction != Direction.OUTBOUND:
        return ()
    known = [Event(row.created_at, say("Written down, then handed to Twilio"))]
    if row.accepted_at:
        known.append(Event(row.accepted_at, say("Twilio has it")))
    known += [
        Event(event.created_at, status_words(event.status).label, event.status, event.error_code)
        for event in events
    ]
    if row.looked_at:
        known.append(Event(row.looked_at, say("Looked for in Twilio's list")))
    return tuple(sorted(known, key=lambda event: event.at))


def _consent_label(row: Row[Any]) -> str:
    return {"opt_out": say("Opted out"), "opt_in": say("Opted in")}.get(row.action, say("Agreed"))


def _evidence(row: Row[Any]) -> str:
    if row.action == AGREED:
        return say("to {what}; as {who} says", what=agreement_in_words(row), who=row.detail)
    if row.source == "text":
        return say("by text, {who}", who=row.detail) if row.detail else say("by text")
    if row.source == "twilio":
        return say("Twilio refused to send to this number (error 21610)")
    return say("by an admin: {who}", who=row.detail) if row.detail else say("by an admin")
