"""Texts that people have written to a texter and that a worker has to send: stored, found, and sent once.

The caller has locked the session.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from illumichat_sms_plugin.models import Direction, SmsMessage, SmsPersonText, SmsSuggestion
from illumichat_sms_plugin.models.person_text import WAITING
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering.situation import PersonText, SuggestedAnswer

AS_IT_WAS = "sent"
"""The outcome of a suggestion that nobody has edited."""
OF_SESSION = SmsPersonText.session_id == bindparam("session"), text(WAITING)
NEXT_ID = select(func.min(SmsPersonText.id)).where(*OF_SESSION)
"""The next one of a session, for queries that have the parameter ``session``."""
NEWEST_TEXTED = (
    select(SmsMessage.to_number)
    .where(SmsMessage.session_id == bindparam("session"), SmsMessage.direction == Direction.INBOUND.value)
    .order_by(SmsMessage.id.desc())
    .limit(1)
)
"""The number that the texter has texted last."""
_READ = (
    select(
        SmsPersonText.id,
        SmsPersonText.body,
        SmsPersonText.by_name,
        SmsPersonText.created_at,
        *(SmsPersonText.is_first, SmsPersonText.announces, SmsPersonText.media_url),
        NEWEST_TEXTED.scalar_subquery().label("texted"),
        *(SmsSuggestion.outcome, SmsSuggestion.rest, SmsSuggestion.introduces),
    )
    .outerjoin(SmsSuggestion, SmsSuggestion.person_text_id == SmsPersonText.id)
    .where(SmsPersonText.id == bindparam("id"))
)
_SENT = (
    update(SmsPersonText)
    .where(SmsPersonText.id == bindparam("chosen"), text(WAITING))
    .values(message_id=bindparam("message"))
    .returning(SmsPersonText.id)
)
_REFUSED = (
    update(SmsPersonText)
    .where(SmsPersonText.id == bindparam("chosen"), text(WAITING))
    .values(refused=bindparam("reason"))
)


def keep(connection: Connection, values: dict[str, Any]) -> int:
    """Keep one to be sent; its id."""
    return connection.scalars(insert(SmsPersonText).values(values).returning(SmsPersonText.id)).one()


def read_next(connection: Connection, session_id: int, id: int) -> PersonText:
    """The one with this id."""
    row = connection.execute(_READ, {"session": session_id, "id": id}).one()
    suggested = SuggestedAnswer(row.rest, row.introduces) if row.outcome == AS_IT_WAS else None
    who = row.id, row.body, row.by_name, row.created_at, row.texted
    how = {"is_first": row.is_first, "announces": row.announces, "media_url": row.media_url or ""}
    return PersonText(*who, suggested=suggested, **how)


def note_sent(connection: Connection, id: int, message_id: int) -> bool:
    """It goes out as this message; False when it has been dealt with."""
    return connection.execute(_SENT, {"chosen": id, "message": message_id}).first() is not None


def note_refused(connection: Connection, id: int, reason: Refusal) -> None:
    """It does not go out."""
    connection.execute(_REFUSED, {"chosen": id, "reason": reason.value})
