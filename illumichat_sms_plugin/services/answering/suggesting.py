"""Answers that the assistant suggests to people: kept, taken by whoever decides first, and set aside.

Each of these locks the session's row before anything else of it. ``docs/decisions/suggested-answers.md``
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from illumichat_sms_plugin.models import SmsMessage, SmsSession, SmsSuggestion, db_now
from illumichat_sms_plugin.models.message import FOR_PERSON, PENDING
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.models.suggestion import WAITING
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.moves import Suggest
from illumichat_sms_plugin.services.answering.open_texts import close_texts
from illumichat_sms_plugin.services.answering.situation import Situation


class Outcome(StrEnum):
    """What became of a suggestion."""

    SENT = "sent"
    EDITED = "edited"
    """And sent."""
    DISCARDED = "discarded"
    LAPSED = "lapsed"


class Why(StrEnum):
    """Why a suggestion lapsed."""

    NEW_TEXT = "new_text"
    PERSON = "person"
    TOO_OLD = "too_old"


def keep_suggestion(connection: Connection, situation: Situation, move: Suggest) -> None:
    """Let the answer wait for a person, and the texts with it. The session is locked."""
    session = situation.session
    lapse(connection, session.id, Why.NEW_TEXT)
    values = {
        "channel_id": session.channel_id,
        "session_id": session.id,
        "body": move.body,
        "rest": move.rest,
        "introduces": situation.answer is not None and situation.answer.introduces,
        "newest_id": max(move.texts),
    }
    connection.execute(update(SmsSession).where(SmsSession.id == session.id).values(suggested_at=db_now()))
    connection.execute(insert(SmsSuggestion).values(values))
    close_texts(connection, move.texts, NoReply.TAKEN_OVER, situation.now)


def lapse(connection: Connection, session_id: int, why: Why) -> bool:
    """The waiting suggestion holds no more; False when there is none. Its texts go on waiting."""
    if not claim(connection, session_id):
        return False
    connection.execute(
        update(SmsSuggestion)
        .where(SmsSuggestion.session_id == session_id, text(WAITING))
        .values(outcome=Outcome.LAPSED.value, why=why.value, decided_at=db_now())
    )
    return True


def claim(connection: Connection, session_id: int) -> Any:
    """Take the waiting suggestion and lock its session; None when none waits. Of several who try, one gets it."""
    return connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, SmsSession.suggested_at.is_not(None))
        .values(suggested_at=None)
        .returning(SmsSession.id, SmsSession.channel_id, SmsSession.person_since)
    ).first()


def is_outdated(connection: Connection, session_id: int, newest_id: int) -> bool:
    """Whether a text has come that the suggestion does not know of."""
    newer = select(SmsMessage.id).where(
        SmsMessage.session_id == session_id, SmsMessage.id > newest_id, text(f"({PENDING} OR {FOR_PERSON})")
    )
    return connection.execute(newer.limit(1)).first() is not None


def set_aside(
    connection: Connection, session_id: int, newest_id: int, reason: NoReply, now: datetime | None = None
) -> None:
    """Nobody answers the texts that waited with a suggestion. The session is locked."""
    waiting = SmsMessage.session_id == session_id, SmsMessage.id <= newest_id, text(FOR_PERSON)
    ids = list(connection.scalars(select(SmsMessage.id).where(*waiting)))
    if not ids:
        return
    chosen = locked_in_order(connection.dialect.name, SmsMessage.__table__.c.id, ids)
    closed = connection.execute(
        update(SmsMessage)
        .where(chosen, text(FOR_PERSON))
        .values(no_reply_reason=reason.value)
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    ).all()
    mark_all_changed(connection, closed, now)
