"""Count a text against the channel's limits as it is about to be sent; pause the channel that reaches one."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import Connection

from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.outgoing import Draft
from illumichat_sms_plugin.services.answering.situation import Situation
from illumichat_sms_plugin.services.pauses import write_pause
from illumichat_sms_plugin.services.spending import MILLION, SpendingLimits, end_of, read_spent, spend
from illumichat_sms_plugin.text.segments import count_segments

logger = logging.getLogger("illumichat_sms.pauses")


def reserve(connection: Connection, runtime: Runtime, situation: Situation, draft: Draft) -> Draft | None:
    """``draft`` with the amount reserved for it and the most that it may cost; None if nothing more may be sent.

    The text that reaches a limit still goes out, and the channel is paused in the same transaction.
    """
    channel = situation.channel
    assert channel is not None  # noqa: S101 - nothing is sent without one
    limits = SpendingLimits.of(runtime.settings, channel.options)
    segments = count_segments(draft.body).segments
    rate = situation.rate or round(Decimal(str(runtime.settings.segment_price)) * MILLION)
    reserved = segments * rate
    spent = spend(connection, channel.id, limits, segments=segments, money=reserved, now=situation.now)
    used = spent or read_spent(connection, channel.id, situation.now)
    reached = used.reached(limits)
    if reached is not None or spent is None:
        _pause(connection, situation, reached or "segments")
    if spent is None:
        return None
    max_price = spent.left(limits, reserved) if limits.limits_money else None
    return replace(draft, reserved=reserved, max_price=max_price)


def _pause(connection: Connection, situation: Situation, reason: str) -> None:
    channel = situation.channel
    assert channel is not None  # noqa: S101 - the caller has one
    logger.warning("channel %s: a limit is reached (%s), sending is paused", channel.id, reason)
    until = end_of(reason, situation.now) if channel.options.resume_by_itself else None
    write_pause(connection, channel.id, reason, until=until)
