"""Erase one texter: our records at once, Twilio's copies soon after.

We delete the rows and do not blank them: nothing that could be traced remains, and every figure is
counted again from what is left. Housekeeping deletes Twilio's copies from a list of message SIDs. We keep the SIDs,
because the signed request of a text stays valid for ever, and sending it again must not bring the text back.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, text, update

from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import (
    SmsChannel,
    SmsConsentEvent,
    SmsMedia,
    SmsMessage,
    SmsNotice,
    SmsPastChat,
    SmsPersonText,
    SmsRest,
    SmsSession,
    SmsStatusEvent,
    SmsSuggestion,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import UNFINISHED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.analytics.roll_up_sessions import uncount_sessions
from illumichat_sms_plugin.services.channels import forget_channel
from illumichat_sms_plugin.services.texters.erase_at_host import note_for_host
from illumichat_sms_plugin.services.texters.erase_at_twilio import note_for_twilio
from illumichat_sms_plugin.services.texters.suppressions import keep_opt_out

logger = logging.getLogger("illumichat_sms.erase")

NO_SESSION = say("There is no such session.")
BUSY = say("A text to this number is being sent right now. Try again in a minute.")
CHUNK = 500


def erase_texter(runtime: Runtime, channel_id: int, session_id: int) -> int:
    """Delete a session and all that belongs to it; returns how many texts it had.

    Raises Conflict while a text to the number is being sent, because its outcome would be lost. A worker that
    waits for an answer finds its session gone and sends nothing.
    """
    with transaction() as connection:
        _require_session(connection, channel_id, session_id)
        uncount_sessions(connection, channel_id, [session_id])
        session = _claim(connection, channel_id, session_id)
        messages = _lock_messages(connection, session_id)
        keep_opt_out(connection, runtime, channel_id, session.phone_number, session.opted_out_at)
        note_for_twilio(connection, channel_id, messages)
        note_for_host(connection, channel_id, session)
        _delete(connection, session_id, [message.id for message in messages])
        mark_all_changed(connection, messages)  # after the messages: the global lock order
        assistant_id = connection.execute(
            select(SmsChannel.assistant_id).where(SmsChannel.id == channel_id)
        ).scalar_one()
    forget_channel(runtime, assistant_id)
    logger.info("session %s was erased with %s texts", session_id, len(messages))
    return len(messages)


def _require_session(connection: Connection, channel_id: int, session_id: int) -> None:
    """Raise NotFound for a session that is not this channel's, before anything is locked."""
    found = select(SmsSession.id).where(SmsSession.id == session_id, SmsSession.channel_id == channel_id)
    if connection.execute(found).first() is None:
        raise NotFound(NO_SESSION)


def _claim(connection: Connection, channel_id: int, session_id: int) -> Any:
    """Lock the session and take it away from the worker that has it."""
    session = connection.execute(
        update(SmsSession)
        .where(SmsSession.id == session_id, SmsSession.channel_id == channel_id)
        .values(lease_token=None, lease_expires_at=None)
        .returning(
            *(SmsSession.id, SmsSession.phone_number, SmsSession.opted_out_at),
            *(SmsSession.chat_id, SmsSession.contact_id),
        )
    ).first()
    if session is None:
        raise NotFound(NO_SESSION)
    unfinished = select(SmsMessage.id).where(SmsMessage.session_id == session_id, text(UNFINISHED)).limit(1)
    if connection.execute(unfinished).first() is not None:
        raise Conflict(BUSY)
    return session


def _lock_messages(connection: Connection, session_id: int) -> Sequence[Any]:
    """Lock the session's messages in ascending order, as everybody does: callbacks and prices come at any time."""
    return connection.execute(
        select(
            *(SmsMessage.id, SmsMessage.channel_id, SmsMessage.created_at),
            *(SmsMessage.message_sid, SmsMessage.media),
        )
        .where(SmsMessage.session_id == session_id)
        .order_by(SmsMessage.id)
        .with_for_update()
    ).all()


def _delete(connection: Connection, session_id: int, message_ids: Sequence[int]) -> None:
    for start in range(0, len(message_ids), CHUNK):
        some = message_ids[start : start + CHUNK]
        connection.execute(delete(SmsStatusEvent).where(SmsStatusEvent.message_id.in_(some)))
    for table in (SmsMedia, SmsRest, SmsSuggestion, SmsPersonText, SmsNotice, SmsPastChat):
        connection.execute(delete(table).where(table.session_id == session_id))
    connection.execute(
        update(SmsMessage)
        .where(SmsMessage.session_id == session_id, SmsMessage.answer_id.is_not(None))
        .values(answer_id=None)
    )
    connection.execute(delete(SmsMessage).where(SmsMessage.session_id == session_id))
    connection.execute(delete(SmsConsentEvent).where(SmsConsentEvent.session_id == session_id))
    connection.execute(delete(SmsSession).where(SmsSession.id == session_id))
