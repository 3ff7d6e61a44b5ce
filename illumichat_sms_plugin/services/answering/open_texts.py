"""Inbound texts that wait for their answer: read them with what was said before, close them, or note their answer."""

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
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from illumichat_sms_plugin.models import Direction, SmsMessage
from illumichat_sms_plugin.models.message import OTHER, PENDING
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.loops import TURNS, Turn
from illumichat_sms_plugin.services.answering.outgoing import Draft
from illumichat_sms_plugin.services.answering.situation import OpenText
from illumichat_sms_plugin.text.more_words import LONGEST, asks_for_more
from illumichat_sms_plugin.text.unfinished import looks_unfinished

ASKED_AT = func.coalesce(SmsMessage.replayed_at, SmsMessage.sent_at, SmsMessage.created_at)
"""When a text asked for its answer."""
COMPARED = 500
"""Characters of a text that are looked at."""
MAX_AT_ONCE = 50
"""Texts that are answered together; more are answered in the next round."""

_OPEN = SmsMessage.session_id == bindparam("session"), text(PENDING)
_SAID_AT = func.coalesce(SmsMessage.sent_at, SmsMessage.created_at)
_COLUMNS = (
    *(SmsMessage.id, SmsMessage.direction, SmsMessage.to_number, SmsMessage.created_at),
    ASKED_AT.label("asked_at"),
    _SAID_AT.label("said_at"),
    and_(SmsMessage.wish_rule.is_not(None), SmsMessage.replayed_at.is_(None)).label("unclear"),
    func.substr(SmsMessage.body, 1, COMPARED).label("body"),
    SmsMessage.in_chat,
)
_OPEN_TEXTS = (
    select(literal(True).label("is_open"), *_COLUMNS)
    .where(*_OPEN)
    .order_by(SmsMessage.id)
    .limit(bindparam("most"))
    .subquery()
)
_TURNS = (
    select(literal(False).label("is_open"), *_COLUMNS)
    .where(
        SmsMessage.session_id == bindparam("session"),
        or_(SmsMessage.send_state.is_(None), SmsMessage.send_state.not_in(("failed", "dismissed"))),
        ~SmsMessage.is_test,
    )
    .order_by(SmsMessage.id.desc())
    .limit(bindparam("turns"))
    .subquery()
)
_READ = union_all(select(*_OPEN_TEXTS.c), select(*_TURNS.c))
"""One statement and one round trip for both."""
ANY = exists(select(SmsMessage.id).where(*_OPEN))
"""Whether a session has any, for queries that have the parameter ``session``."""


def read_open_texts(connection: Connection, session_id: int) -> tuple[OpenText, ...]:
    """The oldest ones of a session in the order in which they were recorded."""
    return read_texts(connection, session_id, turns=0)[0]


def read_texts(
    connection: Connection, session_id: int, *, turns: int = TURNS
) -> tuple[tuple[OpenText, ...], tuple[Turn, ...]]:
    """The open texts of a session, and its newest ``turns``, in and out; both in the order in which they were recorded."""
    rows = connection.execute(_READ, {"session": session_id, "most": MAX_AT_ONCE, "turns": turns}).all()
    rows = sorted(rows, key=lambda row: row.id)
    said = tuple(
        Turn(
            row.id,
            row.direction == Direction.INBOUND,
            row.said_at,
            row.body,
            row.in_chat,
            row.direction == OTHER,
        )
        for row in rows
        if not row.is_open
    )
    return tuple(_open_text(row) for row in rows if row.is_open), said


def _open_text(row: Any) -> OpenText:
    return OpenText(
        id=row.id,
        to_number=row.to_number,
        created_at=row.created_at,
        asked_at=row.asked_at,
        unclear=bool(row.unclear),
        asks_for_more=len(row.body) <= LONGEST and asks_for_more(row.body),
        unfinished=looks_unfinished(row.body),
    )


def close_texts(
    connection: Connection, texts: Collection[int], reason: NoReply, now: datetime | None = None
) -> None:
    """Give up on those of ``texts`` that are still unanswered, and say why."""
    _write(
        connection,
        _closing(connection.dialect.name, len(texts) > 1),
        now,
        texts=list(texts),
        reason=reason.value,
    )


def note_answer(connection: Connection, draft: Draft, answer_id: int, now: datetime | None) -> None:
    """Let the texts that a draft answers point to the message that goes out for them."""
    _write(
        connection,
        _answering(connection.dialect.name, len(draft.answers) > 1),
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
def _chosen(dialect: str, several: bool) -> ReturningUpdate[int, datetime]:
    """A single one needs no order."""
    ids: BindParameter[Any] = bindparam("texts", expanding=True)
    key = SmsMessage.__table__.c.id
    return (
        update(SmsMessage)
        .where(locked_in_order(dialect, key, ids) if several else key.in_(ids), text(PENDING))
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    )


@cache
def _closing(dialect: str, several: bool) -> ReturningUpdate[int, datetime]:
    return _chosen(dialect, several).values(no_reply_reason=bindparam("reason"))


@cache
def _answering(dialect: str, several: bool) -> ReturningUpdate[int, datetime]:
    return _chosen(dialect, several).values(
        answer_id=bindparam("answer"),
        no_reply_reason=bindparam("reason"),
        in_chat=or_(SmsMessage.in_chat, bindparam("filed", type_=Boolean)),
    )
