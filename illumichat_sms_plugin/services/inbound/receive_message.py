"""Record an inbound text, once, in one transaction with its session."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, bindparam, exists, select, update

from illumichat_sms_plugin.models import Direction, SmsErasedText, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import insert_for, transaction
from illumichat_sms_plugin.no_reply import UNFILED, Facts, NoReply, why_no_reply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.texters.consent import record_consent
from illumichat_sms_plugin.services.texters.suppressions import digest_of, kept_opt_out
from illumichat_sms_plugin.text.keywords import classify
from illumichat_sms_plugin.text.reactions import is_reaction
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText

REPLAYABLE = (NoReply.ASSISTANT_FAILED.value, NoReply.SEND_FAILED.value)
"""Texts that would have been answered if something had not failed."""
CONSENT_ACTIONS = frozenset({"opt_out", "opt_in"})


class _Duplicate(Exception):  # noqa: N818 - not an error, it ends the transaction
    """This MessageSid is recorded already, or its texter was erased."""


def receive_message(runtime: Runtime, channel: Channel, text: InboundText, **columns: Any) -> int | None:
    """Record ``text`` and ask a worker to answer it.

    Returns the message's id, or None for a text that was recorded before or erased; then nothing changes.
    ``columns`` are further columns of the message (``sent_at``, ``is_test``).
    """
    try:
        with transaction() as connection:
            message_id, session_id, reason = _record(connection, channel, text, columns)
    except _Duplicate:
        return None
    if reason not in UNFILED:
        runtime.queue.answer_session(session_id, channel.id)
    return message_id


def _record(
    connection: Connection, channel: Channel, text: InboundText, columns: dict[str, Any]
) -> tuple[int, int, NoReply | None]:
    session_id, opted_out = _open_session(connection, channel, text)
    meaning = classify(text.body, text.opt_out_type, opted_out, channel.options.opt_out_words)
    reason = why_no_reply(
        Facts(
            sender=text.sender.kind,
            from_own_number=text.sender.address in (channel.phone_number, text.to_number),
            is_test=columns.get("is_test", False),
            meaning=meaning,
            is_reaction=is_reaction(text.body),
            opted_out=opted_out,
        )
    )
    message_id = _insert_message(connection, channel, text, session_id, reason, columns)
    if meaning in CONSENT_ACTIONS and reason == NoReply.KEYWORD:
        sent_at = columns.get("sent_at")
        record_consent(connection, session_id, meaning, source="text", detail=text.message_sid, at=sent_at)
    return message_id, session_id, reason


def _open_session(connection: Connection, channel: Channel, text: InboundText) -> tuple[int, bool]:
    """Open or resume the sender's session; its row stays locked until we commit."""
    parameters: dict[str, Any] = {
        "channel_id": channel.id,
        "phone_number": text.sender.address,
        "erased_channel_id": channel.id,
        "message_sid": text.message_sid,
    }
    if channel.opt_out_pepper is not None:
        parameters |= {
            "kept_channel_id": channel.id,
            "digest": digest_of(channel.opt_out_pepper, text.sender.address),
        }
    statement = _session_statement(connection.dialect.name, channel.opt_out_pepper is not None)
    row = connection.execute(statement, parameters).one()
    if row.is_erased:
        raise _Duplicate
    return row.id, row.opted_out_at is not None


def _insert_message(  # noqa: PLR0917 - what the row holds
    connection: Connection,
    channel: Channel,
    text: InboundText,
    session_id: int,
    reason: NoReply | None,
    columns: dict[str, Any],
) -> int:
    parameters = {
        "channel_id": channel.id,
        "session_id": session_id,
        "message_sid": text.message_sid,
        "from_number": text.sender.address,
        "to_number": text.to_number,
        "body": text.body,
        "segments": text.segments,
        "media": [{"url": url, "content_type": kind} for url, kind in text.media] or None,
        "no_reply_reason": reason.value if reason else None,
        "sent_at": None,
        "is_test": False,
    }
    statement = _message_statement(connection.dialect.name)
    row = connection.execute(statement, parameters | columns).first()
    if row is None:
        raise _Duplicate
    message_id: int = row.id
    return message_id


# Built once: putting such a statement together takes longer than the database takes to run it.
@cache
def _session_statement(dialect: str, keeps_opt_outs: bool) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in ("channel_id", "phone_number")}
    if keeps_opt_outs:
        values["opted_out_at"] = kept_opt_out()
    statement = insert_for(dialect, SmsSession).values(values)
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=[SmsSession.channel_id, SmsSession.phone_number],
        set_={"last_message_at": db_now()},
    ).returning(SmsSession.id, SmsSession.opted_out_at, _was_erased().label("is_erased"))


def _was_erased() -> ColumnElement[bool]:
    """Whether the text was erased: a copy of its signed request, sent again. No statement of its own."""
    return exists().where(
        SmsErasedText.channel_id == bindparam("erased_channel_id"),
        SmsErasedText.message_sid == bindparam("message_sid"),
    )


@cache
def _message_statement(dialect: str) -> Executable:
    names = (
        *("channel_id", "session_id", "message_sid", "from_number", "to_number", "body"),
        *("segments", "media", "no_reply_reason", "sent_at", "is_test"),
    )
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    statement = insert_for(dialect, SmsMessage).values(direction=Direction.INBOUND.value, **values)
    return statement.on_conflict_do_nothing(  # type: ignore[no-any-return]
        index_elements=[SmsMessage.channel_id, SmsMessage.message_sid]
    ).returning(SmsMessage.id)


def replay(runtime: Runtime, message_id: int, channel_id: int) -> bool:
    """Answer a text after all whose answer failed: an admin's decision. False when it did not fail."""
    failed = and_(
        SmsMessage.id == message_id,
        SmsMessage.channel_id == channel_id,
        SmsMessage.no_reply_reason.in_(REPLAYABLE),
    )
    session_of = select(SmsMessage.session_id).where(failed)
    with transaction() as connection:
        # The session before its message: the global lock order.
        connection.execute(
            update(SmsSession)
            .where(SmsSession.id == session_of.scalar_subquery())
            .values(attempts=0, retry_at=None)
        )
        row = connection.execute(
            update(SmsMessage)
            .where(failed)
            .values(no_reply_reason=None, answer_id=None, replayed_at=db_now())
            .returning(SmsMessage.session_id, SmsMessage.channel_id, SmsMessage.created_at)
        ).first()
        if row is None:
            return False
        mark_all_changed(connection, [row])
    runtime.queue.answer_session(row.session_id, row.channel_id)
    return True
