"""What a text in cost becomes known by the comparison with Twilio's list."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from illumichat_sms_plugin.models import SmsChangedHour, SmsChannel, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up
from illumichat_sms_plugin.services.reconcile.inbound_prices import note_prices
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from tests.support.channels import inbound, write
from tests.support.listed_texts import listed_text
from tests.support.twilio_requests import NUMBER, TEXTER, text_in


def listed(sid: str, price: str | None = "0.0083", unit: str | None = "USD") -> ListedText:
    return listed_text(sid=sid, price=Decimal(price) if price else None, price_unit=unit)


def test_a_price_in_the_list_is_taken_over_once(connected: Flask) -> None:
    text_in(connected)
    (message,) = inbound(connected)
    with connected.app_context():
        assert note_prices(message.channel_id, [listed(message.message_sid)]) == 1
        assert note_prices(message.channel_id, [listed(message.message_sid, "9")]) == 0
    (message,) = inbound(connected)
    assert (message.price, message.price_unit) == (Decimal("0.0083"), "USD")


def test_what_has_no_price_yet_is_not_ours_or_went_out_is_left_alone(connected: Flask) -> None:
    text_in(connected)
    (message,) = inbound(connected)
    with connected.app_context():
        channel_id, sid = message.channel_id, message.message_sid
        assert note_prices(channel_id, []) == 0
        assert note_prices(channel_id, [listed(sid, None), listed("SM" + "0" * 32)]) == 0
        assert note_prices(channel_id, [listed(sid, "0.0083", None)]) == 0
        assert note_prices(channel_id + 1, [listed(sid)]) == 0
        write(connected, SmsMessage, SmsMessage.id == message.id, direction="outbound")
        assert note_prices(channel_id, [listed(sid)]) == 0


def test_the_day_of_an_older_text_is_counted_anew(connected: Flask) -> None:
    text_in(connected)
    (message,) = inbound(connected)
    earlier = message.created_at - timedelta(hours=5)
    write(connected, SmsMessage, SmsMessage.id == message.id, created_at=earlier)
    with connected.app_context():
        note_prices(message.channel_id, [listed(message.message_sid)])
        with transaction() as connection:
            assert connection.scalar(select(func.count()).select_from(SmsChangedHour)) == 1


def test_the_comparison_with_twilio_brings_the_price(texting: Flask, twilio: Any) -> None:
    long_ago = db_now(-86400.0)
    write(texting, SmsChannel, SmsChannel.id > 0, created_at=long_ago, connected_at=long_ago)
    twilio.add_fault("lost_webhook")
    twilio.text(TEXTER, NUMBER, "Hello")
    message = twilio.messages(from_=TEXTER)[-1]
    text_in(texting, "Hello", MessageSid=message.sid)
    twilio.wait_for(lambda: message.price)
    write(texting, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    with texting.app_context():
        assert catch_up(current_runtime()) == 0, "nothing was missing"
    (row,) = inbound(texting)
    assert (row.price, row.price_unit) == (abs(Decimal(message.price)), "USD")
