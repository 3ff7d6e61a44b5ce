"""Count a text against the channel's limits as it is about to be sent; pause the channel that reaches one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.outgoing import Draft
from illumichat_sms_plugin.services.answering.pictures import segments_of
from illumichat_sms_plugin.services.answering.situation import Situation
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.pauses import write_pause
from illumichat_sms_plugin.services.spending import MILLION, SpendingLimits, end_of, read_spent, spend

logger = logging.getLogger("illumichat_sms.pauses")


@dataclass(frozen=True, slots=True)
class Reservation:
    """A text may go out, and ``max_price`` is the most that it may cost; None without a limit in money."""

    max_price: Decimal | None


def reserve(connection: Connection, runtime: Runtime, situation: Situation, draft: Draft) -> Draft | None:
    """``draft`` with the amount reserved for it and the most that it may cost; None if nothing more may be sent.

    The text that reaches a limit still goes out, and the channel is paused in the same transaction.
    """
    channel = situation.channel
    assert channel is not None  # noqa: S101 - nothing is sent without one
    segments = segments_of(draft.body, draft.media_url)
    rate = situation.rate or round(Decimal(str(runtime.settings.segment_price)) * MILLION)
    reserved = segments * rate
    found = _count(connection, runtime, channel, situation.now, segments=segments, money=reserved)
    return replace(draft, reserved=reserved, max_price=found.max_price) if found is not None else None


def reserve_again(
    connection: Connection,
    runtime: Runtime,
    channel: Channel,
    now: datetime,
    *,
    segments: int,
    reserved: int,
    may_be_second: bool,
) -> Reservation | None:
    """The same for a text that is sent once more, for which ``reserved`` was counted at first.

    Where it ``may_be_second`` for the texter it is counted again. Otherwise the first was lost, and nothing is added.
    """
    if may_be_second:
        return _count(connection, runtime, channel, now, segments=segments, money=reserved)
    return _count(connection, runtime, channel, now, counted=reserved)


def _count(
    connection: Connection,
    runtime: Runtime,
    channel: Channel,
    now: datetime,
    *,
    segments: int = 0,
    money: int = 0,
    counted: int = 0,
) -> Reservation | None:
    limits = SpendingLimits.of(runtime.settings, channel.options)
    spent = spend(connection, channel.id, limits, segments=segments, money=money, now=now)
    used = spent or read_spent(connection, channel.id, now)
    reached = used.reached(limits)
    if reached is not None or spent is None:
        _pause(connection, channel, now, reached or "segments")
    if spent is None:
        return None
    return Reservation(spent.left(limits, money + counted) if limits.limits_money else None)


def _pause(connection: Connection, channel: Channel, now: datetime, reason: str) -> None:
    logger.warning("channel %s: a limit is reached (%s), sending is paused", channel.id, reason)
    until = end_of(reason, now) if channel.options.resume_by_itself else None
    write_pause(connection, channel.id, reason, until=until)
