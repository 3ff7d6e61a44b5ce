"""Count messages: the only place where analytics read them.

Each text counts on the day it was recorded. An answer's waiting times count on the answer's day, for
that is the row that later changes (delivered, or not). Tests of the Doctor count nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, case, cast, func, select
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.models import Direction, SendState, SmsMessage, UtcDateTime
from illumichat_sms_plugin.models.message import OTHER
from illumichat_sms_plugin.models.sql_time import hour_number, milliseconds_between
from illumichat_sms_plugin.services.analytics.tally import DELIVERED, Tally, add_group
from illumichat_sms_plugin.services.analytics.wait_buckets import bucket_of

Tallies = dict[datetime, Tally]
"""By full UTC hour."""
NO_END = datetime(9000, 1, 1, tzinfo=UTC)


def count_messages(connection: Connection, channel_id: int, start: datetime, end: datetime) -> Tallies:
    """Count the texts recorded from ``start`` until before ``end``, by UTC hour."""
    by_hour: defaultdict[int, Tally] = defaultdict(Tally)
    span = {"channel_id": channel_id, "start": start, "end": end}
    for group in connection.execute(_groups(), span):
        add_group(by_hour[group.hour], group)
    for hour, assistant, twilio in connection.execute(_waits(), span):
        _add_wait(by_hour[hour], assistant, twilio)
    return {datetime.fromtimestamp(hour * 3600, UTC): tally for hour, tally in by_hour.items()}


def _add_wait(tally: Tally, assistant: float, twilio: float | None) -> None:
    """Both in milliseconds; ``twilio`` is None for what was not delivered."""
    tally.assistant[str(bucket_of(assistant))] += 1
    if twilio is not None:
        tally.twilio[str(bucket_of(twilio))] += 1
        tally.whole[str(bucket_of(assistant + twilio))] += 1


def _recorded(message: Any) -> Any:
    return and_(
        message.channel_id == bindparam("channel_id"),
        message.created_at >= bindparam("start", type_=UtcDateTime),
        message.created_at < bindparam("end", type_=UtcDateTime),
    )


def _counted() -> tuple[Any, ...]:
    return _recorded(SmsMessage), ~SmsMessage.is_test, SmsMessage.direction != OTHER


# Built once: putting such a statement together takes longer than counting a quiet hour.
@cache
def _groups() -> Select[*tuple[Any, ...]]:
    """Messages that are alike in all that matters, and how many."""
    price_known = SmsMessage.price.is_not(None) & SmsMessage.price_unit.is_not(None)
    millionths = cast(func.round(SmsMessage.price * 1_000_000), BigInteger)
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
    sums = (
        func.count().label("texts"),
        func.sum(SmsMessage.segments).label("segments"),
        cast(func.sum(millionths), BigInteger).label("millionths"),
    )
    return select(*alike, *sums).where(*_counted()).group_by(*alike)


@cache
def _waits() -> Select[*tuple[Any, ...]]:
    """Each answered text: hour of the answer, milliseconds until it was sent, and then delivered."""
    answer, text = aliased(SmsMessage), aliased(SmsMessage)
    sent_at = func.coalesce(text.sent_at, text.created_at)
    delivered = case((answer.status.in_(sorted(DELIVERED)), answer.final_at))
    return (
        select(
            hour_number(answer.created_at),
            milliseconds_between(sent_at, answer.created_at),
            milliseconds_between(answer.created_at, delivered),
        )
        .join(text, text.answer_id == answer.id)
        .where(
            _recorded(answer),
            answer.direction == Direction.OUTBOUND.value,
            answer.kind == "answer",
            answer.send_state == SendState.ACCEPTED.value,
        )
    )
