"""Whose text is it? Two numbers of an account may point to one webhook, and one of them wrongly."""

from __future__ import annotations

import logging

from sqlalchemy import select

from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, find_channel

logger = logging.getLogger("illumichat_sms.webhooks")


def addressee(runtime: Runtime, channel: Channel, to_number: str) -> Channel:
    """The channel that has ``to_number``: ``channel``, whose webhook was called, or another one of its account.

    Else the text would be answered here, and once more there when it is fetched from Twilio's list. Only of the same
    account, for its token has signed the text: nobody texts in the name of another. A number that no
    channel has is a further one of a Messaging Service.
    """
    if to_number == channel.phone_number:
        return channel
    with transaction() as connection:
        assistant_id = connection.scalar(
            select(SmsChannel.assistant_id).where(
                SmsChannel.phone_number == to_number, SmsChannel.account_sid == channel.account_sid
            )
        )
    owner = find_channel(runtime, assistant_id) if assistant_id is not None else None
    if owner is None:
        return channel
    logger.warning("channel %s: a text to the number of channel %s came to its webhook", channel.id, owner.id)
    return owner
