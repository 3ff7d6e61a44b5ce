"""Whose text is it? Two numbers of an account may point to one webhook, and one of them wrongly."""

from __future__ import annotations

import logging

from sqlalchemy import select

from illumichat_sms_plugin.models import SmsChannel, SmsFurtherNumber
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, find_channel
from illumichat_sms_plugin.services.inbound.authenticate import WebhookRequest, has_signed

logger = logging.getLogger("illumichat_sms.webhooks")


def addressee(runtime: Runtime, channel: Channel, received: WebhookRequest, to_number: str) -> Channel | None:
    """The channel that gets a text to ``to_number``, which was rightly signed for ``channel``; None to refuse it.

    Another channel of the account that has the number gets it, else the text would be answered here, and once more
    there when it is fetched from Twilio's list. But only when one of that channel's own keys has made the signature:
    the Account SID is public, and nobody texts in the name of another by typing it. A number that no channel
    has may be a further one of this channel: see further_numbers.py.
    """
    if to_number == channel.phone_number:
        return channel
    assistant_id = _holder(channel.account_sid, to_number)
    if assistant_id in (None, channel.assistant_id):
        return channel
    owner = find_channel(runtime, assistant_id)
    if owner is None or not has_signed(runtime, owner, received):
        logger.warning("channel %s: refused a text to a number whose channel has not signed it", channel.id)
        return None
    logger.warning("channel %s: a text to the number of channel %s came to its webhook", channel.id, owner.id)
    return owner


def _holder(account_sid: str, phone_number: str) -> str | None:
    """The assistant whose own number it is, else the one that has it as a further number."""
    ours = SmsChannel.account_sid == account_sid, SmsChannel.confirmed_at.is_not(None)
    further = (
        select(SmsChannel.assistant_id)
        .join(SmsFurtherNumber, SmsFurtherNumber.channel_id == SmsChannel.id)
        .where(
            SmsFurtherNumber.phone_number == phone_number,
            SmsFurtherNumber.confirmed_at.is_not(None),
            *ours,
        )
    )
    with transaction() as connection:
        own = connection.scalar(
            select(SmsChannel.assistant_id).where(SmsChannel.phone_number == phone_number, *ours)
        )
        return own if own is not None else connection.scalar(further)
