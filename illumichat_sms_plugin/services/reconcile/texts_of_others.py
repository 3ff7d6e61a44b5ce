"""Find in Twilio's list what another system sent from a channel's numbers: with every comparison, one look more."""

from __future__ import annotations

from datetime import datetime

from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.other_texts import RECENT, list_sent, record_listed
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio

LIMIT = 3000
"""The newest texts of a number, our own among them, that one look reads; an answer looks for its texter's own."""


def find_texts_of_others(runtime: Runtime, channel: Channel, since: datetime, now: datetime) -> int:
    """Record those that were sent after ``since``, and within a day; returns how many were new.

    A failure is the next comparison's to make up for, which reads the last hour again.
    """
    start = max(since, now - RECENT) - ahead_of_twilio(runtime)
    found = 0
    for number in (channel.phone_number, *confirmed_numbers(channel.id)):
        listed = list_sent(runtime, channel, number, since=start, limit=LIMIT)
        if listed is None:
            break
        found += record_listed(runtime, channel, listed)
    return found
