"""Count messages: the only place where analytics read them.

Each text counts on the day it was recorded. An answer's waiting times count on the answer's day, for
that is the row that later changes (delivered, or not). Tests of the Doctor count nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, cast, func, select
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.models import Direction, SendState, SmsMessage
from illumichat_sms_plugin.models.sql_time import hour_number, milliseconds_between
from illumichat_sms_plugin.services.tally import DELIVERED, Tally, add_group
from illumichat_sms_plugin.wait_buckets import bucket_of

Tallies = dict[datetime, Tally]
"""By full UTC hour."""


def count_messages(connection: Connection, channel_id: int, start: datetime, end: datetime | None) -> Tallies:
    """Count the texts recorded from ``start`` until before ``end`` (None: all after), by UTC hour."""
    by_hour: defaultdict[int, Tally] = defaultdict(Tally)
    _count_texts(connection, channel_id, start, end, by_hour)
    _count_waits(connection, channel_id, start, end, by_hour)
    return {datetime.fromtimestamp(hour * 3600, UTC): tally for hour, tally in by_hour.items()}


def _recorded(message: Any, channel_id: int, start: datetime, end: datetime | None) -> Any:
    within = [message.channel_id == channel_id, message.created_at >= start]
    if end is not None:
        within.append(message.created_at < end)
    return and_(*within)


def _count_texts(
    connection: Connection,
    channel_id: int,
    start: datetime,
    end: datetime | None,
    by_hour: defaultdict[int, Tally],
) -> None:
    price_known = SmsMessage.price.is_not(None) & SmsMessage.price_unit.is_not(None)
    alike = (
        hour_number(SmsMessage.created_at).label("hour"),
        SmsMessage.direction,
        SmsMessage.send_state,
        SmsMessage.status,
        SmsMessage.error_code,
        SmsMessage.no_reply_reason,
        SmsMessage.price_unit,
        price_known.label("priced"),
    )
    groups = connection.execute(
        select(
            *alike,
            func.count().label("texts"),
            func.sum(SmsMessage.segments).label("segments"),
            func.sum(cast(func.round(SmsMessage.price * 1_000_000), BigInteger)).label("millionths"),
        )
        .where(_recorded(SmsMessage, channel_id, start, end), ~SmsMessage.is_test)
        .group_by(*alike)
    )
    for group in groups:
        add_group(by_hour[group.hour], group)


def _count_waits(
    connection: Connection,
    channel_id: int,
    start: datetime,
    end: datetime | None,
    by_hour: defaultdict[int, Tally],
) -> None:
    answer, text = aliased(SmsMessage), aliased(SmsMessage)
    sent_at = func.coalesce(text.sent_at, text.created_at)
    delivered = case((answer.status.in_(DELIVERED), answer.final_at))
    waits = connection.execute(
        select(
            hour_number(answer.created_at),
            milliseconds_between(sent_at, answer.created_at),
            milliseconds_between(answer.created_at, delivered),
        )
        .join(text, text.answer_id == answer.id)
        .where(
            _recorded(answer, channel_id, start, end),
            answer.direction == Direction.OUTBOUND.value,
            answer.kind == "answer",
            answer.send_state == SendState.ACCEPTED.value,
        )
    )
    for hour, assistant, twilio in waits:
        tally = by_hour[hour]
        tally.assistant[str(bucket_of(assistant))] += 1
        if twilio is not None:
            tally.twilio[str(bucket_of(twilio))] += 1
            tally.whole[str(bucket_of(assistant + max(twilio, 0.0)))] += 1
