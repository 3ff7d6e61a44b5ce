"""Who answers a session: a person or the assistant. Changing that locks the session's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, true, update

from illumichat_sms_plugin.models import SmsMessage, SmsPersonText, SmsSession, SmsSuggestion, db_now
from illumichat_sms_plugin.models.message import FOR_PERSON, PENDING
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.models.person_text import WAITING
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.open_texts import ASKED_AT, MAX_AT_ONCE, close_texts

SESSION = (SmsSession.id, SmsSession.channel_id, SmsSession.chat_id, SmsSession.opted_out_at)
"""What is known of a session whose handling changes."""
ASSISTANT = {
    "person_since": None,
    "person_by": None,
    "person_why": None,
    "person_by_host": False,
    "person_at": None,
}
"""The columns of a session that the assistant answers."""


def let_a_person_answer(
    connection: Connection, session_id: int, *, by: str | None, why: str | None = None, wrote: bool = False
) -> Any:
    """From now on a person answers: ``by`` name, or nobody yet because the assistant hands off and says ``why``.

    A person who only ``wrote`` does not replace the one who took the session over. Returns the session, which is now
    locked; None if it is gone.
    """
    known = SmsSession.person_by
    return connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id)
        .values(
            person_since=func.coalesce(SmsSession.person_since, db_now()),
            person_by=func.coalesce(known, by) if wrote else func.coalesce(by, known),
            person_why=why[:200] if why is not None else SmsSession.person_why,
            person_by_host=False,
            person_at=db_now() if wrote or by is not None else SmsSession.person_at,
        )
        .returning(*SESSION)
    ).first()


def note_silence_of_the_host(connection: Connection, session_id: int) -> None:
    """The host gives no answer, because a person has taken the chat over there."""
    connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, SmsSession.person_since.is_(None))
        .values(person_since=db_now(), person_by_host=True)
    )


def note_voice_of_the_host(connection: Connection, session_id: int) -> None:
    """The host answers again."""
    connection.execute(
        update(SmsSession).where(SmsSession.id == session_id, SmsSession.person_by_host).values(**ASSISTANT)
    )


def let_the_assistant_answer(
    connection: Connection, session_id: int, *, stale_after: float, unless_after: datetime | None = None
) -> tuple[Any, bool] | None:
    """The end of that: None when the assistant answered already, else the session and whether texts wait for its answer.

    None, too, when a person has taken over or written ``unless_after`` that moment.

    Texts that no person has answered are answered unless they came more than ``stale_after`` seconds ago.
    """
    last = func.coalesce(SmsSession.person_at, SmsSession.person_since)
    still = last <= unless_after if unless_after is not None else true()
    ended = connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, SmsSession.person_since.is_not(None), still)
        .values(attempts=0, retry_at=None, **ASSISTANT)
        .returning(*SESSION)
    ).first()
    if ended is None:
        return None
    written_at = _leave_to_what_is_written(connection, session_id)
    return ended, _reopen(connection, session_id, stale_after, written_at)


def _leave_to_what_is_written(connection: Connection, session_id: int) -> datetime | None:
    """When a person wrote what no worker has sent yet: it answers the open texts that had come before; None for nothing."""
    suggested = select(SmsSuggestion.id).where(SmsSuggestion.person_text_id == SmsPersonText.id)
    written_at = connection.scalar(
        select(func.max(SmsPersonText.created_at)).where(
            SmsPersonText.session_id == session_id,
            text(WAITING),
            ~SmsPersonText.is_first,
            ~SmsPersonText.announces,
            ~suggested.exists(),
        )
    )
    if written_at is not None:
        before = select(SmsMessage.id).where(
            SmsMessage.session_id == session_id, text(PENDING), SmsMessage.created_at <= written_at
        )
        if ids := list(connection.scalars(before)):
            close_texts(connection, ids, NoReply.TAKEN_OVER)
    return written_at


def _reopen(connection: Connection, session_id: int, stale_after: float, written_at: datetime | None) -> bool:
    unanswered = SmsMessage.created_at > written_at if written_at is not None else true()
    waiting = (
        select(SmsMessage.id)
        .where(
            SmsMessage.session_id == session_id,
            text(FOR_PERSON),
            unanswered,
            db_now(-stale_after) < ASKED_AT,
        )
        .order_by(SmsMessage.id.desc())
        .limit(MAX_AT_ONCE)
    )
    ids = list(connection.scalars(waiting))
    if not ids:
        return False
    chosen = locked_in_order(connection.dialect.name, SmsMessage.__table__.c.id, ids)
    reopened = connection.execute(
        update(SmsMessage)
        .where(chosen, text(FOR_PERSON))
        .values(no_reply_reason=None, replayed_at=db_now())
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    ).all()
    mark_all_changed(connection, reopened)
    return True


def note_answer_of_a_person(
    connection: Connection, session_id: int, message_id: int, *, written_at: datetime
) -> None:
    """The texts that had come before a person wrote are answered by that person's message."""
    waiting = select(SmsMessage.id).where(
        SmsMessage.session_id == session_id, text(FOR_PERSON), SmsMessage.created_at <= written_at
    )
    ids = list(connection.scalars(waiting))
    if not ids:
        return
    chosen = locked_in_order(connection.dialect.name, SmsMessage.__table__.c.id, ids)
    answered = connection.execute(
        update(SmsMessage)
        .where(chosen, text(FOR_PERSON))
        .values(no_reply_reason=None, answer_id=message_id)
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    ).all()
    mark_all_changed(connection, answered)
