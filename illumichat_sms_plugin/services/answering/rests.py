"""What answers lost at Max Message Length: kept, found again, and sent once.

The caller has locked the session, so two workers that read MORE send one rest.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from illumichat_sms_plugin.models import SendState, SmsMessage, SmsRest, db_now
from illumichat_sms_plugin.services.answering.situation import StoredRest

ASKED_WITHIN = 86_400.0
"""Seconds for which a rest may be asked for."""

_KEEP = insert(SmsRest).values(
    **{name: bindparam(name) for name in ("message_id", "channel_id", "session_id", "body")}
)
_NEWEST = (
    select(SmsRest.message_id, SmsRest.body)
    .join(SmsMessage, SmsMessage.id == SmsRest.message_id)
    .where(
        SmsRest.session_id == bindparam("session"),
        SmsRest.sent_as.is_(None),
        SmsRest.created_at > db_now(-ASKED_WITHIN),
        SmsMessage.send_state == SendState.ACCEPTED,  # the rest of a text that nobody received makes no sense
    )
    .order_by(SmsRest.message_id.desc())
    .limit(1)
)
_SENT = (
    update(SmsRest)
    .where(SmsRest.message_id == bindparam("cut"), SmsRest.sent_as.is_(None))
    .values(sent_as=bindparam("message"))
    .returning(SmsRest.message_id)
)
_NOT_SENT = update(SmsRest).where(SmsRest.sent_as == bindparam("message")).values(sent_as=None)


def keep_rest(
    connection: Connection, *, message_id: int, channel_id: int, session_id: int, body: str
) -> None:
    """Keep what a message leaves out."""
    values = {"message_id": message_id, "channel_id": channel_id, "session_id": session_id, "body": body}
    connection.execute(_KEEP, values)


def newest_rest(connection: Connection, session_id: int) -> StoredRest | None:
    """What MORE asks for now, or None."""
    row = connection.execute(_NEWEST, {"session": session_id}).first()
    return StoredRest(row.message_id, row.body) if row is not None else None


def note_sent(connection: Connection, rest: StoredRest, message_id: int) -> bool:
    """The rest goes out as this message; False when it has gone out already."""
    return connection.execute(_SENT, {"cut": rest.message_id, "message": message_id}).first() is not None


def note_not_sent(connection: Connection, message_id: int) -> None:
    """This message was refused: the texter may ask for its part again."""
    connection.execute(_NOT_SENT, {"message": message_id})
