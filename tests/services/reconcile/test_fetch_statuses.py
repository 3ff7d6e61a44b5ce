"""Prices and final states that no callback brought are asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.services.reconcile import fetch_statuses
from tests.support.channels import keep_house, outbound, run_jobs, sql, write
from tests.support.twilio_requests import TEXTER, text_in


def test_the_price_and_the_status_of_a_lost_callback_are_fetched(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    twilio.wait_for(lambda: twilio.messages(to=TEXTER, created_by="api")[0].price)
    assert outbound(texting)[0].status == "queued"
    assert keep_house(texting)["check messages"] == 0, "the first check comes a minute later"
    write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
    keep_house(texting)
    row = outbound(texting)[0]
    assert row.status == "delivered"
    assert row.price > Decimal(0)
    assert row.price_unit == "USD"
    assert row.check_at is None


def test_a_price_that_is_not_there_yet_is_asked_for_once_more(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    message = twilio.messages(to=TEXTER, created_by="api")[0]
    twilio.wait_for(lambda: message.price)
    message.price = None
    for expected in (False, False, True):
        write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
        keep_house(texting)
        assert (outbound(texting)[0].check_at is None) is expected


def test_a_status_that_a_callback_has_brought_is_not_asked_for(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0), status="delivered")
    keep_house(texting)
    assert not [entry for entry in twilio.store.requests if "/Messages/" in entry.path]
    assert outbound(texting)[0].check_at is not None, "the price comes later"


def test_a_check_at_which_twilio_could_not_be_asked_is_made_again(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    for _ in range(5):
        twilio.add_fault("outage", count=None)
        write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
        keep_house(texting)
    twilio.clear_faults()
    write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
    keep_house(texting)
    assert outbound(texting)[0].status == "delivered"


def test_a_round_that_takes_too_long_leaves_the_rest_to_another(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else another process would ask for the same texts."""
    text_in(texting)
    run_jobs(texting)
    twilio.wait_for(lambda: twilio.messages(to=TEXTER, created_by="api")[0].price)
    for seconds, is_known in ((0.0, False), (60.0, True)):
        monkeypatch.setattr(fetch_statuses, "ROUND", seconds)
        write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
        keep_house(texting)
        row = outbound(texting)[0]
        assert (row.price is not None, row.checks) == (is_known, int(is_known))


def test_an_old_21610_does_not_undo_a_newer_start(texting: Flask, twilio: Any) -> None:
    from tests.support.twilio_requests import status_in

    text_in(texting)
    run_jobs(texting)
    sid = outbound(texting)[0].message_sid
    status_in(texting, sid, "failed", ErrorCode="21610")
    text_in(texting, "START")
    status_in(texting, sid, "failed", ErrorCode="21610", RawDlrDoneDate="2611221200")
    write(texting, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
    keep_house(texting)
    assert sql(texting, "SELECT opted_out_at FROM sms_sessions").scalar() is None
