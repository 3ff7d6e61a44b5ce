"""Fetch the texts that Twilio has and we never got, because we were down when they came.

Twilio does not deliver a webhook again later; its message list is the only way back to them.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id
from illumichat_sms_plugin.services.receive_message import receive_message
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText, clean_text

logger = logging.getLogger("illumichat_sms.catch_up")

LIMIT = 5000
"""Texts looked at per channel and round."""
SETTLING = timedelta(seconds=20)
"""A text younger than this may have its webhook still under way."""


def catch_up(runtime: Runtime) -> int:
    """Compare every channel that is due with Twilio's list; returns how many texts were missing."""
    return sum(catch_up_channel(runtime, channel_id) for channel_id in _claim_due(runtime))


def _claim_due(runtime: Runtime) -> list[int]:
    due = or_(
        SmsChannel.catch_up_at.is_(None),
        SmsChannel.catch_up_at < db_now(-runtime.settings.catch_up_interval),
    )
    with transaction() as connection:
        rows = connection.execute(
            update(SmsChannel)
            .where(SmsChannel.account_sid.is_not(None), due)
            .values(catch_up_at=db_now(), updated_at=SmsChannel.updated_at)
            .returning(SmsChannel.id)
        ).all()
    return [row.id for row in rows]


def catch_up_channel(runtime: Runtime, channel_id: int) -> int:
    """Record what one channel missed."""
    channel = load_channel_by_id(runtime, channel_id)
    if channel is None or channel.credentials is None:
        return 0
    since = max(
        datetime.now(UTC) - timedelta(seconds=runtime.settings.catch_up_window), _connected_since(channel)
    )
    client = runtime.twilio.get(channel.credentials)
    try:
        listed = [
            text
            for text in list_texts(client, to_number=channel.phone_number, sent_since=since, limit=LIMIT)
            if text.direction == "inbound" and _is_settled(text)
        ]
    except TwilioError as error:
        logger.warning("channel %s: cannot compare with Twilio now: %s", channel.id, error)
        return 0
    missing = [text for text in reversed(listed) if not _is_known(channel, text.sid)]
    return sum(_record(runtime, channel, text) for text in missing)


def _connected_since(channel: Channel) -> datetime:
    """Texts from before the channel was set up were somebody else's business."""
    with transaction() as connection:
        created: datetime = connection.execute(
            select(SmsChannel.created_at).where(SmsChannel.id == channel.id)
        ).scalar_one()
    return created


def _is_settled(text: ListedText) -> bool:
    return text.date_created is None or text.date_created < datetime.now(UTC) - SETTLING


def _is_known(channel: Channel, sid: str) -> bool:
    known = select(SmsMessage.id).where(SmsMessage.channel_id == channel.id, SmsMessage.message_sid == sid)
    with transaction() as connection:
        return connection.execute(known).first() is not None


def _record(runtime: Runtime, channel: Channel, listed: ListedText) -> int:
    text = InboundText(
        message_sid=listed.sid,
        sender=parse_sender(listed.from_number),
        to_number=listed.to_number,
        body=clean_text(listed.body),
        segments=listed.segments or 1,
        media=(("", "file"),) * (listed.media_count or 0),
        opt_out_type=None,
    )
    recorded = receive_message(runtime, channel, text, sent_at=listed.date_sent or listed.date_created)
    if recorded is not None:
        logger.warning("channel %s: message %s came by catch-up", channel.id, recorded)
    return int(recorded is not None)
