"""The statements that record an inbound text with its session.

PostgreSQL takes both in one statement and one round trip. SQLite has no INSERT in a WITH, so it takes two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    bindparam,
    case,
    exists,
    false,
    literal_column,
    select,
    true,
)

from illumichat_sms_plugin.models import Direction, SmsErasedText, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.base import Base
from illumichat_sms_plugin.models.database import insert_for
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.texters.suppressions import kept_opt_out

COLUMNS = (
    *("channel_id", "session_id", "message_sid", "from_number", "to_number", "body"),
    *("segments", "media", "no_reply_reason", "sent_at", "is_test"),
    *("wish_rule", "wish_words"),
)
REASONS = {False: "reason", True: "reason_when_opted_out"}
"""The parameters of the reason, by whether the session has opted out."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """``message_id`` is None for a text that was recorded before, or erased: then undo the transaction."""

    session_id: int
    opted_out: bool
    message_id: int | None
    clarified_at: datetime | None
    """When the texter was asked whether no more texts are wished; this text decides it."""


def record_text(
    connection: Connection,
    values: dict[str, Any],
    *,
    reasons: Mapping[bool, NoReply | None],
    digest: str | None,
) -> Recorded:
    """Open or resume the sender's session, whose row stays locked until the commit, and insert the text.

    Which of ``reasons`` is written depends on whether the session has opted out; ``digest`` finds an opt-out
    that was kept without its number.
    """
    number = values["from_number"]
    session = {"channel_id": values["channel_id"], "phone_number": number, "reversed_number": number[::-1]}
    session |= {"erased_channel_id": values["channel_id"], "message_sid": values["message_sid"]}
    if digest is not None:
        session |= {"kept_channel_id": values["channel_id"], "digest": digest}
    told = {opted_out: reason.value if reason else None for opted_out, reason in reasons.items()}
    if connection.dialect.name != "sqlite":
        parameters = values | session | {name: told[opted_out] for opted_out, name in REASONS.items()}
        row = connection.execute(_at_once(connection.dialect.name, digest is not None), parameters).one()
        message_id = None if row.is_erased else row.message_id
        return Recorded(row.session_id, row.opted_out, message_id, row.clarified_at)
    opened = connection.execute(_session(connection.dialect.name, digest is not None), session).one()
    opted_out = opened.opted_out_at is not None
    if opened.is_erased:
        return Recorded(opened.id, opted_out, None, None)
    parameters = values | {"session_id": opened.id, "no_reply_reason": told[opted_out]}
    inserted = connection.execute(_message(connection.dialect.name), parameters).first()
    return Recorded(opened.id, opted_out, inserted.id if inserted else None, opened.clarified_at)


# Built once: putting such a statement together takes longer than the database takes to run it.
@cache
def _session(dialect: str, keeps_opt_outs: bool) -> Any:
    names = ("channel_id", "phone_number", "reversed_number")
    values: dict[str, Any] = {name: bindparam(name) for name in names} | _defaults(SmsSession, *names)
    if keeps_opt_outs:
        values["opted_out_at"] = kept_opt_out()
    statement = insert_for(dialect, SmsSession).values(values)
    return statement.on_conflict_do_update(
        index_elements=[SmsSession.channel_id, SmsSession.phone_number],
        set_={"last_message_at": db_now()},
    ).returning(
        *(SmsSession.id, SmsSession.opted_out_at, SmsSession.clarified_at),
        _was_erased().label("is_erased"),
    )


def _was_erased() -> ColumnElement[bool]:
    """Whether the text was erased: a copy of its signed request, sent again. No statement of its own."""
    return exists().where(
        SmsErasedText.channel_id == bindparam("erased_channel_id"),
        SmsErasedText.message_sid == bindparam("message_sid"),
    )


@cache
def _message(dialect: str) -> Any:
    values: dict[str, Any] = {name: bindparam(name) for name in COLUMNS}
    return _once(insert_for(dialect, SmsMessage).values(direction=Direction.INBOUND.value, **values))


@cache
def _at_once(dialect: str, keeps_opt_outs: bool) -> Executable:
    session = _session(dialect, keeps_opt_outs).cte("session")
    types = SmsMessage.__table__.c
    values: dict[str, Any] = {name: bindparam(name, type_=types[name].type) for name in COLUMNS}
    values["session_id"] = session.c.id
    by_consent = {
        opted_out: bindparam(name, type_=types.no_reply_reason.type) for opted_out, name in REASONS.items()
    }
    values["no_reply_reason"] = case(
        (session.c.opted_out_at.is_(None), by_consent[False]), else_=by_consent[True]
    )
    values["direction"] = _constant(Direction.INBOUND.value)
    values |= _defaults(SmsMessage, *values)
    insert = insert_for(dialect, SmsMessage).from_select(list(values), select(*values.values()))
    message = _once(insert).cte("message")
    return select(
        session.c.id.label("session_id"),
        session.c.opted_out_at.is_not(None).label("opted_out"),
        session.c.clarified_at,
        session.c.is_erased,
        message.c.id.label("message_id"),
    ).select_from(session.outerjoin(message, true()))


def _defaults(model: type[Base], *given: str) -> dict[str, Any]:
    """The model's plain defaults, in SQL: inside a WITH nobody fills them in."""
    columns = (column for column in model.__table__.columns if column.name not in given)
    return {
        column.name: _constant(column.default.arg)
        for column in columns
        if column.default is not None and column.default.is_scalar
    }


def _constant(value: bool | int | str) -> ColumnElement[Any]:
    """In the statement itself: as a parameter it would be sent with each text, and there are more of these than others."""
    if isinstance(value, bool):
        return true() if value else false()
    return literal_column(repr(value))


def _once(insert: Any) -> Any:
    return insert.on_conflict_do_nothing(
        index_elements=[SmsMessage.channel_id, SmsMessage.message_sid]
    ).returning(SmsMessage.id)
