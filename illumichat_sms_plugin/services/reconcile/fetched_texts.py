"""Write down what Twilio has of our texts when it is asked: price, segments, and a status that no callback brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from illumichat_sms_plugin.message_status import Delivery, MessageStatus, advance, is_final, parse_status
from illumichat_sms_plugin.models import Direction, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.spending import MILLION, correct_all, learn_rates
from illumichat_sms_plugin.services.track_delivery import apply_status, honour_opt_out
from illumichat_sms_plugin.twilio_gateway.values import ListedText

CHUNK = 500
"""Rows written in one transaction."""
_WRITE_PRICE = (
    update(SmsMessage.__table__)  # type: ignore[arg-type]
    .where(SmsMessage.id == bindparam("message"))
    .values(price=bindparam("amount"), price_unit=bindparam("unit"), segments=bindparam("number"))
)


def write_down(
    runtime: Runtime, messages: Sequence[Row[Any]], found: Mapping[str, ListedText | None]
) -> None:
    """Note what was found of those messages that are in ``found``, and when each is asked for again."""
    asked = sorted((message for message in messages if message.message_sid in found), key=lambda row: row.id)
    for at in range(0, len(asked), CHUNK):
        some = asked[at : at + CHUNK]
        _note_prices([(message, text) for message in some if (text := found[message.message_sid])])
        for message in some:
            text = found[message.message_sid]
            if text is not None and _says_more(message, text):
                _note_status(message, text)
        _plan_next(runtime, some, found)


def _note_prices(pairs: Sequence[tuple[Row[Any], ListedText]]) -> None:
    news = [
        {
            "message": message.id,
            "amount": message.price if text.price is None else text.price,
            "unit": message.price_unit if text.price is None else text.price_unit,
            "number": text.segments or message.segments,
        }
        for message, text in pairs
        if (text.price is not None and (text.price, text.price_unit) != (message.price, message.price_unit))
        or (text.segments and text.segments != message.segments)
    ]
    if not news:
        return
    changed = {item["message"] for item in news}
    with transaction() as connection:
        connection.execute(_WRITE_PRICE, news)
        mark_all_changed(connection, [message for message, _ in pairs if message.id in changed])
        _count_prices(connection, pairs)


def _count_prices(connection: Connection, pairs: Sequence[tuple[Row[Any], ListedText]]) -> None:
    """Put the price in the place of what was reserved, and remember what the country costs."""
    priced = [(message, text) for message, text in pairs if text.price is not None and message.price is None]
    correct_all(
        connection, ((message, round(Decimal(text.price or 0) * MILLION)) for message, text in priced)
    )
    learn_rates(
        connection,
        (
            {
                "channel_id": message.channel_id,
                "to_number": message.to_number,
                "segments": text.segments or message.segments,
                "price": text.price,
                "unit": text.price_unit or "",
            }
            for message, text in priced
            if text.price and not (message.direction == Direction.OUTBOUND and message.media)
        ),
    )


def _says_more(message: Row[Any], text: ListedText) -> bool:
    """Whether the status in the list is one that would be written."""
    before = Delivery(
        MessageStatus(message.status) if message.status else None, message.error_code, message.status_conflict
    )
    return advance(before, parse_status(text.status), text.error_code) != before


def _note_status(message: Row[Any], text: ListedText) -> None:
    with transaction() as connection:
        opted_out = apply_status(connection, message, parse_status(text.status), text.error_code, text.sid)
    if opted_out:
        honour_opt_out(message.session_id, text.sid)


def _plan_next(
    runtime: Runtime, messages: Sequence[Row[Any]], found: Mapping[str, ListedText | None]
) -> None:
    """When to ask again: not, when all is known or there were tries enough."""
    pauses: dict[float | None, list[int]] = {}
    for message in messages:
        pause = _pause(runtime, message, found[message.message_sid])
        pauses.setdefault(pause, []).append(message.id)
    with transaction() as connection:
        for pause, ids in pauses.items():
            later = None if pause is None else db_now(pause)
            connection.execute(update(SmsMessage).where(SmsMessage.id.in_(ids)).values(check_at=later))


def _pause(runtime: Runtime, message: Row[Any], text: ListedText | None) -> float | None:
    delays: tuple[float, ...] = (runtime.settings.status_delay, *runtime.settings.price_delays)
    statuses = (text.status if text else None, message.status)
    final = any(status and is_final(parse_status(status)) for status in statuses)
    settled = text is not None and text.price is not None and final
    made: int = message.checks
    if settled or made >= len(delays):
        return None
    return max(delays[made] - delays[made - 1], 1.0)
