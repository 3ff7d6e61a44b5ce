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
from illumichat_sms_plugin.refusals import Refusal
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


_OF_REFUSAL = {
    Refusal.OPTED_OUT: NoReply.OPTED_OUT,
    Refusal.BLOCKED: NoReply.BLOCKED,
    Refusal.NOT_CONNECTED: NoReply.NOT_CONNECTED,
    Refusal.NOT_ACCEPTED: NoReply.NOT_CONNECTED,
    Refusal.DISABLED: NoReply.DISABLED,
    Refusal.PAUSED: NoReply.PAUSED,
    Refusal.COSTLY_NUMBER: NoReply.COSTLY_NUMBER,
    Refusal.COUNTRY: NoReply.COUNTRY,
    Refusal.NOT_LISTED: NoReply.NOT_ALLOWED,
    Refusal.TOO_MANY: NoReply.RATE_LIMITED,
    Refusal.TOO_LATE: NoReply.STALE,
}


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


def set_aside_withheld(
    connection: Connection, situation: Situation, person_text_id: int, why: Refusal
) -> None:
    """The same for the texts of a suggestion that somebody sent and that may not go out any more, unless a person answers."""
    suggested = select(SmsSuggestion.newest_id).where(SmsSuggestion.person_text_id == person_text_id)
    newest_id = connection.scalars(suggested).first()
    if newest_id is not None and not situation.session.taken_over:
        set_aside(connection, situation.session.id, newest_id, unanswered_for(why), situation.now)


def unanswered_for(why: Refusal) -> NoReply:
    """Why a text gets no answer when its answer was withheld for this reason."""
    return _OF_REFUSAL.get(why, NoReply.SEND_FAILED)
