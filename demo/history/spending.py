"""What the history has used of the channel's limits: the day and the month that run, in UTC as the plugin counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from demo.history.traffic import Text
from illumichat_sms_plugin.models import SmsSpending
from illumichat_sms_plugin.models.database import insert_or_conflict
from illumichat_sms_plugin.services.spending import MILLION, day_of, learn_rates, month_of


def write_spending(
    connection: Connection, channel_id: int, texts: Sequence[Text], *, now: datetime, list_price: float
) -> None:
    """Count what went out, at its price or, where that is not known yet, at the list price."""
    sent = [text for text in texts if not text.is_inbound and text.send_state == "accepted"]
    today = [text for text in sent if day_of(text.at) == day_of(now)]
    this_month = [text for text in sent if month_of(text.at) == month_of(now)]
    used = {
        "day": day_of(now),
        "day_segments": sum(text.segments for text in today),
        "day_money": _money(today, list_price),
        "month": month_of(now),
        "month_money": _money(this_month, list_price),
    }
    statement = insert_or_conflict(connection, SmsSpending).values(channel_id=channel_id, **used)
    connection.execute(statement.on_conflict_do_update(index_elements=[SmsSpending.channel_id], set_=used))
    priced = [
        {
            "channel_id": channel_id,
            "to_number": text.texter.number,
            "segments": text.segments,
            "price": text.price,
            "unit": "USD",
        }
        for text in sent
        if text.price
    ]
    learn_rates(connection, priced)


def _money(texts: Sequence[Text], list_price: float) -> int:
    """In millionths."""
    by_list = Decimal(str(list_price))
    costs = (by_list * text.segments if text.price is None else text.price for text in texts)
    return round(sum(costs, Decimal()) * MILLION)
