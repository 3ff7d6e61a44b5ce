"""Record an inbound text, once, in one transaction with its session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, select, update

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.no_reply import UNFILED, NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.further_numbers import note_number
from illumichat_sms_plugin.services.inbound.judge import after_clarifying, judge
from illumichat_sms_plugin.services.inbound.record_text import Recorded, record_text
from illumichat_sms_plugin.services.security_events import note_event
from illumichat_sms_plugin.services.texters.consent import is_confirmed_by_twilio, record_consent
from illumichat_sms_plugin.services.texters.suppressions import digest_of
from illumichat_sms_plugin.text.keywords import Reading
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText

REPLAYABLE = (
    NoReply.ASSISTANT_FAILED.value,
    NoReply.SEND_FAILED.value,
    NoReply.UNCLEAR_WISH.value,
    NoReply.MACHINE.value,
    NoReply.PAUSED.value,
    NoReply.TAKEN_OVER.value,
    NoReply.DISCARDED.value,
    NoReply.LAPSED.value,
)
"""Texts that would have been answered if something had not failed, or had not been read as an unclear wish or a machine's, or had waited for no person."""
AWAKE: dict[str, Any] = {
    "machine_at": None,
    "machine_evidence": None,
    "machine_said": None,
    "awake_at": db_now(),
}
"""Columns of a session whose texter an admin has said to be a person."""
CONSENT_ACTIONS = frozenset({"opt_out", "opt_in"})
CONSENT_REASONS = frozenset({NoReply.KEYWORD, NoReply.PLAIN_WISH})


class _Duplicate(Exception):  # noqa: N818 - not an error, it ends the transaction
    """This MessageSid is recorded already, or was erased."""


def receive_message(runtime: Runtime, channel: Channel, text: InboundText, **columns: Any) -> int | None:
    """Record ``text`` and ask a worker to answer it.

    Returns the message's id, or None for a text that was recorded before; then nothing changes.
    ``columns`` are further columns of the message (``sent_at``, ``is_test``).
    """
    try:
        with transaction() as connection:
            message_id, session_id, reason = _record(connection, channel, text, columns)
    except _Duplicate:
        _look_at_the_other(runtime, channel, text)
        return None
    if reason not in UNFILED:
        runtime.queue.answer_session(session_id, channel.id)
    return message_id


def _look_at_the_other(runtime: Runtime, channel: Channel, text: InboundText) -> None:
    """Twilio repeats a text as it was. The same SID with other words is nothing that Twilio does."""
    recorded = select(SmsMessage.id, SmsMessage.body, SmsMessage.from_number).where(
        SmsMessage.channel_id == channel.id, SmsMessage.message_sid == text.message_sid
    )
    with transaction() as connection:
        other = connection.execute(recorded).first()
    if other is not None and (other.body, other.from_number) != (text.body, text.sender.address):
        reason = "another_body" if other.body != text.body else "another_sender"
        note_event(runtime, "reused_message_sid", reason, object=f"channel:{channel.id},message:{other.id}")


def _record(
    connection: Connection, channel: Channel, text: InboundText, columns: dict[str, Any]
) -> tuple[int, int, NoReply | None]:
    judged = judge(channel, text, is_test=columns.get("is_test", False))
    row = record_text(
        connection,
        _values(channel, text) | _wish(judged[False][0]) | columns,
        reasons={opted_out: reason for opted_out, (_reading, reason) in judged.items()},
        digest=digest_of(channel.opt_out_pepper, text.sender.address) if channel.opt_out_pepper else None,
    )
    if row.message_id is None:
        raise _Duplicate
    if text.to_number != channel.phone_number:
        note_number(connection, channel.id, text.to_number)
    reading, reason = judged[row.opted_out]
    meaning: str = reading.meaning
    sent_at = columns.get("sent_at")
    if row.clarified_at is not None and (sent_at is None or sent_at > row.clarified_at):
        meaning, reason = _decided(connection, row, meaning, reason)
    if meaning in CONSENT_ACTIONS and reason in CONSENT_REASONS:
        is_plain = reason is NoReply.PLAIN_WISH
        record_consent(
            connection,
            row.session_id,
            meaning,
            source="text",
            detail=text.message_sid,
            at=sent_at,
            to_be_confirmed=is_plain,
        )
        if meaning == "opt_out" and not is_plain:
            is_confirmed_by_twilio(connection, row.session_id)
    return row.message_id, row.session_id, reason


def _decided(
    connection: Connection, row: Recorded, meaning: str, reason: NoReply | None
) -> tuple[str, NoReply | None]:
    """What the text after a clarifying one means, written down."""
    connection.execute(update(SmsSession).where(SmsSession.id == row.session_id).values(clarified_at=None))
    decided = after_clarifying(meaning, reason)
    if decided[1] is not None and decided[1] is not reason:
        written = update(SmsMessage).where(SmsMessage.id == row.message_id)
        connection.execute(written.values(no_reply_reason=decided[1].value))
    return decided


def _wish(reading: Reading) -> dict[str, Any]:
    """The columns that say by what a text was read as a wish for no more texts."""
    is_wish = reading.meaning in ("opt_out", "maybe_opt_out")
    return {
        "wish_rule": reading.rule[:80] if is_wish else None,
        "wish_words": reading.words[:160] if is_wish else None,
    }


def _values(channel: Channel, text: InboundText) -> dict[str, Any]:
    return {
        "channel_id": channel.id,
        "message_sid": text.message_sid,
        "from_number": text.sender.address,
        "to_number": text.to_number,
        "body": text.body,
        "segments": text.segments,
        "media": [{"url": url, "content_type": kind} for url, kind in text.media] or None,
        "sent_at": None,
        "is_test": False,
    }


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
            .values(attempts=0, retry_at=None, **AWAKE)
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
