"""Erase one texter: our records at once, Twilio's copies soon after.

We delete the rows and do not blank them: nothing that could be traced remains, and every figure is
counted again from what is left. Housekeeping deletes Twilio's copies from a list of message SIDs. We keep the SIDs,
because the signed request of a text stays valid for ever, and sending it again must not bring the text back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, text, tuple_, update

from illumichat_sms_plugin.errors import Conflict, NotFound, TwilioError
from illumichat_sms_plugin.models import (
    SmsChannel,
    SmsConsentEvent,
    SmsErasedText,
    SmsMedia,
    SmsMessage,
    SmsNotice,
    SmsPastChat,
    SmsPersonText,
    SmsRest,
    SmsSession,
    SmsStatusEvent,
    SmsSuggestion,
    db_now,
)
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.message import UNFINISHED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.analytics.roll_up_sessions import uncount_sessions
from illumichat_sms_plugin.services.channels import Channel, forget_channel, load_channel_by_id
from illumichat_sms_plugin.services.texters.erase_at_host import note_for_host
from illumichat_sms_plugin.services.texters.suppressions import keep_opt_out
from illumichat_sms_plugin.twilio_gateway.listing import delete_text
from illumichat_sms_plugin.twilio_gateway.media import delete_media, list_media

logger = logging.getLogger("illumichat_sms.erase")

NO_SESSION = "There is no such session."
BUSY = "A text to this number is being sent right now. Try again in a minute."
BATCH = 50
"""Texts deleted at Twilio in one round."""
CLAIM = 300.0
"""Seconds for which no other process takes claimed rows."""
PAUSES = (60.0, 300.0, 3600.0, 21600.0, 86400.0)
"""Seconds before the next try after a failed one; the last one repeats."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Left:
    """What has yet to be deleted at Twilio; ``error_code`` is that of the last failure."""

    count: int
    failed: int
    error_code: int | None


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
        _note_for_twilio(connection, channel_id, messages)
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


def _note_for_twilio(connection: Connection, channel_id: int, messages: Sequence[Any]) -> None:
    """Note each SID once. Without an account there is nothing left to delete."""
    account_sid = connection.scalar(select(SmsChannel.account_sid).where(SmsChannel.id == channel_id))
    gone_at = None if account_sid else db_now()
    statement = insert_or_conflict(connection, SmsErasedText).on_conflict_do_nothing()
    for start in range(0, len(messages), CHUNK):
        rows = [
            {
                "message_sid": message.message_sid,
                "channel_id": channel_id,
                "account_sid": account_sid or "",
                "media": len(message.media or ()),
                "gone_at": gone_at,
            }
            for message in messages[start : start + CHUNK]
            if message.message_sid
        ]
        if rows:
            connection.execute(statement.values(rows))


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


def is_erased(connection: Connection, channel_id: int, sid: str) -> bool:
    """Whether this channel's text was erased."""
    return bool(erased_of(connection, channel_id, [sid]))


def erased_of(connection: Connection, channel_id: int, sids: Collection[str]) -> set[str]:
    """Those of ``sids`` whose texts this channel has erased."""
    return set(
        connection.scalars(
            select(SmsErasedText.message_sid).where(
                SmsErasedText.channel_id == channel_id, SmsErasedText.message_sid.in_(sids)
            )
        )
    )


def left_at_twilio(channel_id: int) -> Left:
    """What Twilio still has of erased texters."""
    failed = func.count(SmsErasedText.error_code)
    with transaction() as connection:
        row = connection.execute(
            select(func.count(), failed, func.max(SmsErasedText.error_code))
            .select_from(SmsErasedText)
            .where(SmsErasedText.channel_id == channel_id, SmsErasedText.gone_at.is_(None))
        ).one()
    return Left(*row)


def delete_erased_texts(runtime: Runtime) -> int:
    """Delete texts at Twilio that are due, ``BATCH`` at most; returns how many are gone there now."""
    return sum(_delete_at_twilio(runtime, row) for row in _claim_due())


def _claim_due() -> Sequence[Row[Any]]:
    due = (
        select(SmsErasedText.channel_id, SmsErasedText.message_sid)
        .where(SmsErasedText.try_at <= db_now(), SmsErasedText.gone_at.is_(None))
        .order_by(SmsErasedText.try_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")  # a bare IN may choose anew for each row
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsErasedText)
            .where(
                tuple_(SmsErasedText.channel_id, SmsErasedText.message_sid).in_(select(due)),
                SmsErasedText.try_at <= db_now(),
            )
            .values(try_at=db_now(CLAIM))
            .returning(SmsErasedText.__table__)
        ).all()


def _delete_at_twilio(runtime: Runtime, row: Row[Any]) -> int:
    channel = load_channel_by_id(runtime, row.channel_id)
    if channel is None or channel.credentials is None or channel.account_sid != row.account_sid:
        _put_off(row, error_code=20003)
        return 0
    try:
        _delete_one(runtime, channel, row)
    except TwilioError as error:
        logger.warning("a text of an erased texter cannot be deleted at Twilio now: %s", error)
        _put_off(row, error_code=error.error_code or 0)
        return 0
    with transaction() as connection:
        connection.execute(update(SmsErasedText).where(_is(row)).values(gone_at=db_now(), error_code=None))
    return 1


def _is(row: Row[Any]) -> ColumnElement[bool]:
    return and_(SmsErasedText.channel_id == row.channel_id, SmsErasedText.message_sid == row.message_sid)


def _delete_one(runtime: Runtime, channel: Channel, row: Row[Any]) -> None:
    """What is attached goes first, for nobody finds it once its text is gone."""
    assert channel.credentials is not None  # noqa: S101 - the caller has checked
    client = runtime.twilio.get(channel.credentials)
    if row.media:
        for place in list_media(client, row.message_sid):
            delete_media(client, place)
    delete_text(client, row.message_sid)


def _put_off(row: Row[Any], *, error_code: int) -> None:
    pause = PAUSES[min(row.tries, len(PAUSES) - 1)]
    with transaction() as connection:
        connection.execute(
            update(SmsErasedText)
            .where(_is(row))
            .values(tries=SmsErasedText.tries + 1, try_at=db_now(pause), error_code=error_code)
        )
