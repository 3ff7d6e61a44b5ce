"""Inbound texts that wait for their answer: read them, close them with a reason, or note their answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    Connection,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.models.message import PENDING
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.outgoing import Draft
from illumichat_sms_plugin.services.answering.situation import OpenText
from illumichat_sms_plugin.text.more_words import LONGEST, asks_for_more

ASKED_AT = func.coalesce(SmsMessage.replayed_at, SmsMessage.sent_at, SmsMessage.created_at)
"""When a text asked for its answer."""
MAX_AT_ONCE = 50
"""Texts that are answered together; more are answered in the next round."""

_OPEN = SmsMessage.session_id == bindparam("session"), text(PENDING)
_READ = (
    select(
        *(SmsMessage.id, SmsMessage.to_number, SmsMessage.created_at),
        ASKED_AT.label("asked_at"),
        and_(SmsMessage.wish_rule.is_not(None), SmsMessage.replayed_at.is_(None)).label("unclear"),
        case((func.length(SmsMessage.body) <= LONGEST, SmsMessage.body), else_="").label("short"),
    )
    .where(*_OPEN)
    .order_by(SmsMessage.id)
    .limit(bindparam("most"))
)
_ANY = select(SmsMessage.id).where(*_OPEN).limit(1)


def read_open_texts(connection: Connection, session_id: int) -> tuple[OpenText, ...]:
    """The oldest ones of a session in the order in which they were recorded."""
    rows = connection.execute(_READ, {"session": session_id, "most": MAX_AT_ONCE}).all()
    return tuple(
        OpenText(
            id=row.id,
            to_number=row.to_number,
            created_at=row.created_at,
            asked_at=row.asked_at,
            unclear=bool(row.unclear),
            asks_for_more=asks_for_more(row.short),
        )
        for row in rows
    )


def has_open_texts(connection: Connection, session_id: int) -> bool:
    """Whether any is left."""
    return connection.execute(_ANY, {"session": session_id}).first() is not None


def close_texts(
    connection: Connection, texts: Collection[int], reason: NoReply, now: datetime | None = None
) -> None:
    """Give up on those of ``texts`` that are still unanswered, and say why."""
    _write(connection, _closing(connection.dialect.name), now, texts=list(texts), reason=reason.value)


def note_answer(connection: Connection, draft: Draft, answer_id: int, now: datetime | None) -> None:
    """Let the texts that a draft answers point to the message that goes out for them."""
    _write(
        connection,
        _answering(connection.dialect.name),
        now,
        texts=list(draft.answers),
        answer=answer_id,
        reason=draft.reason.value if draft.reason else None,
        filed=draft.filed,
    )


def _write(connection: Connection, statement: Any, now: datetime | None, **parameters: Any) -> None:
    changed = connection.execute(statement, parameters).all()
    mark_all_changed(connection, changed, now)


@cache
def _chosen(dialect: str) -> ReturningUpdate[int, datetime]:
    ids: BindParameter[Any] = bindparam("texts", expanding=True)
    return (
        update(SmsMessage)
        .where(locked_in_order(dialect, SmsMessage.__table__.c.id, ids), text(PENDING))
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    )


@cache
def _closing(dialect: str) -> ReturningUpdate[int, datetime]:
    return _chosen(dialect).values(no_reply_reason=bindparam("reason"))


@cache
def _answering(dialect: str) -> ReturningUpdate[int, datetime]:
    return _chosen(dialect).values(
        answer_id=bindparam("answer"),
        no_reply_reason=bindparam("reason"),
        in_chat=or_(SmsMessage.in_chat, bindparam("filed", type_=Boolean)),
    )
