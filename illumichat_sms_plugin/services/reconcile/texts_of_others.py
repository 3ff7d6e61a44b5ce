"""Find in Twilio's list what another system sent from a channel's numbers: with every comparison, one look more."""

from __future__ import annotations

import logging
from datetime import datetime

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.other_texts import RECENT, record_listed
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.response_fields import LARGEST_PAGE

logger = logging.getLogger("illumichat_sms.others")

LIMIT = 3000
"""The newest texts of a number, our own among them, that one look reads; an answer looks for its texter's own."""


def find_texts_of_others(runtime: Runtime, channel: Channel, since: datetime, now: datetime) -> int:
    """Record those that were sent after ``since``, and within a day; returns how many were new.

    A failure is the next comparison's to make up for, which reads the last hour again.
    """
    assert channel.credentials is not None  # noqa: S101 - the caller has checked
    client = runtime.twilio.get(channel.credentials)
    start = max(since, now - RECENT) - ahead_of_twilio(runtime)
    found = 0
    for number in (channel.phone_number, *confirmed_numbers(channel.id)):
        try:
            listed = list(
                list_texts(client, from_number=number, sent_since=start, limit=LIMIT, page_size=LARGEST_PAGE)
            )
        except TwilioError as error:
            logger.warning("channel %s: what others sent is not known now: %s", channel.id, error)
            return found
        found += record_listed(runtime, channel, listed)
    return found
