"""Tell a texter that a person has taken over: once in a conversation, where the channel wants it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from illumichat_sms_plugin.default_words import DEFAULT_TAKE_OVER
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, SmsPersonText
from illumichat_sms_plugin.models.database import insert_or_conflict


def announce(connection: Connection, session: Row[Any], by: Person) -> bool:
    """Keep the text that says so, for the session's worker; False when there is none to send. The session is locked.

    Somebody who has opted out is told nothing, and whoever was told in this conversation is not told again.
    """
    columns = SmsChannel.tell_of_take_over, SmsChannel.take_over_text
    channel = connection.execute(select(*columns).where(SmsChannel.id == session.channel_id)).one()
    if not channel.tell_of_take_over or session.opted_out_at is not None:
        return False
    new = insert_or_conflict(connection, SmsPersonText).values(
        channel_id=session.channel_id,
        session_id=session.id,
        key=f"take-over-{session.chat_id or ''}",
        body=channel.take_over_text or DEFAULT_TAKE_OVER,
        by_id=by.id[:128],
        by_name=by.name[:200],
        announces=True,
    )
    once = new.on_conflict_do_nothing(index_elements=["session_id", "key"])
    return connection.execute(once.returning(SmsPersonText.id)).first() is not None
