"""Write down what Twilio billed for texts that came in.

Nothing tells us, and asking for each text would double our calls. But the comparison with Twilio's
list (catch_up.py) reads all texts of the last days anyway, prices included.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, update

from illumichat_sms_plugin.models import Direction, SmsMessage
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.twilio_gateway.values import ListedText

CHUNK = 500


def note_prices(channel_id: int, listed: Iterable[ListedText]) -> int:
    """Take over the prices that we do not have yet; returns how many."""
    priced = {text.sid: text for text in listed if text.price is not None and text.price_unit}
    sids = sorted(priced)
    return sum(_note(channel_id, priced, sids[at : at + CHUNK]) for at in range(0, len(sids), CHUNK))


def _note(channel_id: int, priced: dict[str, ListedText], sids: list[str]) -> int:
    unpriced = (
        select(SmsMessage.id, SmsMessage.channel_id, SmsMessage.created_at, SmsMessage.message_sid)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.message_sid.in_(sids),
            SmsMessage.direction == Direction.INBOUND.value,
            SmsMessage.price.is_(None),
        )
        .order_by(SmsMessage.id)
    )
    with transaction() as connection:
        messages = connection.execute(unpriced).all()
        if messages:
            connection.execute(_WRITE, [_price(message, priced) for message in messages])
            mark_all_changed(connection, messages)
    return len(messages)


_WRITE = (
    update(SmsMessage.__table__)  # type: ignore[arg-type]
    .where(SmsMessage.id == bindparam("message"))
    .values(price=bindparam("amount"), price_unit=bindparam("unit"))
)


def _price(message: Any, priced: dict[str, ListedText]) -> dict[str, Any]:
    text = priced[message.message_sid]
    return {"message": message.id, "amount": text.price, "unit": text.price_unit}
