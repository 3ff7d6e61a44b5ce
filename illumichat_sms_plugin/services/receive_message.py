"""Record an inbound text, once, in one transaction with its session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from illumichat_sms_plugin.keywords import classify
from illumichat_sms_plugin.models import Direction, NoReply, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.phone_number import SenderKind
from illumichat_sms_plugin.reactions import is_reaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.consent import record_consent
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText

UNFILED_REASONS = frozenset({NoReply.NOT_A_PHONE, NoReply.OWN_NUMBER, NoReply.TEST})
"""Texts that are no part of a conversation: recorded, and no worker is bothered."""
CONSENT_ACTIONS = frozenset({"opt_out", "opt_in"})


class _Duplicate(Exception):  # noqa: N818 - not an error, it ends the transaction
    """This MessageSid is recorded already."""


def receive_message(runtime: Runtime, channel: Channel, text: InboundText, **columns: Any) -> int | None:
    """Record ``text`` and ask a worker to answer it.

    Returns the message's id, or None for a text that was recorded before; then nothing changes.
    ``columns`` are further columns of the message (``sent_at``, ``is_test``, ``no_reply_reason``).
    """
    try:
        with transaction() as connection:
            message_id, session_id, reason = _record(connection, channel, text, columns)
    except _Duplicate:
        return None
    if reason not in UNFILED_REASONS:
        runtime.queue.answer_session(session_id)
    return message_id


def _record(
    connection: Connection, channel: Channel, text: InboundText, columns: dict[str, Any]
) -> tuple[int, int, str | None]:
    session_id, opted_out = _open_session(connection, channel, text)
    meaning = classify(text.body, text.opt_out_type, opted_out, channel.opt_out_words)
    reason = columns.pop("no_reply_reason", None) or _no_reply_reason(channel, text, meaning, opted_out)
    message_id = _insert_message(connection, channel, text, session_id, reason, columns)
    if meaning in CONSENT_ACTIONS and reason == NoReply.KEYWORD:
        record_consent(connection, session_id, meaning, source="text", detail=text.message_sid)
    return message_id, session_id, reason


def _open_session(connection: Connection, channel: Channel, text: InboundText) -> tuple[int, bool]:
    """Open or resume the sender's session; its row stays locked until we commit."""
    insert = insert_or_conflict(connection, SmsSession).values(
        channel_id=channel.id, phone_number=text.sender.address
    )
    row = connection.execute(
        insert.on_conflict_do_update(
            index_elements=[SmsSession.channel_id, SmsSession.phone_number],
            set_={"last_message_at": db_now()},
        ).returning(SmsSession.id, SmsSession.opted_out_at)
    ).one()
    return row.id, row.opted_out_at is not None


def _no_reply_reason(channel: Channel, text: InboundText, meaning: str, opted_out: bool) -> str | None:
    """Why nobody will answer this text, or None when the assistant shall."""
    if text.sender.kind is not SenderKind.PHONE:
        return NoReply.NOT_A_PHONE
    if text.sender.address in (channel.phone_number, text.to_number):
        return NoReply.OWN_NUMBER
    if meaning != "message":
        return NoReply.KEYWORD
    if opted_out:
        return NoReply.OPTED_OUT
    if not channel.enabled:
        return NoReply.DISABLED
    if is_reaction(text.body):
        return NoReply.REACTION
    return None


def _insert_message(
    connection: Connection,
    channel: Channel,
    text: InboundText,
    session_id: int,
    reason: str | None,
    columns: dict[str, Any],
) -> int:
    insert = insert_or_conflict(connection, SmsMessage).values(
        channel_id=channel.id,
        session_id=session_id,
        direction=Direction.INBOUND.value,
        message_sid=text.message_sid,
        from_number=text.sender.address,
        to_number=text.to_number,
        body=text.body,
        segments=text.segments,
        media=[{"url": url, "content_type": kind} for url, kind in text.media] or None,
        no_reply_reason=reason,
        **columns,
    )
    row = connection.execute(
        insert.on_conflict_do_nothing(
            index_elements=[SmsMessage.channel_id, SmsMessage.message_sid]
        ).returning(SmsMessage.id)
    ).first()
    if row is None:
        raise _Duplicate
    message_id: int = row.id
    return message_id


def replay(runtime: Runtime, message_id: int, channel_id: int) -> bool:
    """Answer a text that was set aside after all: an admin's decision. False when it was not."""
    with transaction() as connection:
        row = connection.execute(
            update(SmsMessage)
            .where(
                SmsMessage.id == message_id,
                SmsMessage.channel_id == channel_id,
                SmsMessage.no_reply_reason == NoReply.ASSISTANT_FAILED,
            )
            .values(no_reply_reason=None, answer_id=None, sent_at=db_now())
            .returning(SmsMessage.session_id)
        ).first()
        if row is None:
            return False
        connection.execute(
            update(SmsSession).where(SmsSession.id == row.session_id).values(attempts=0, retry_at=None)
        )
    runtime.queue.answer_session(row.session_id)
    return True
