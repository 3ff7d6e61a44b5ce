"""Texts that come in, reports on those that went out, and how long both take."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, SmsMessage, db_now
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import converse, text
from tests.support.channels import write


def test_a_text_that_only_twilio_has(healthy: Flask, examine: Examine, twilio: Any) -> None:
    write(healthy, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-7200.0))
    twilio.add_fault("lost_webhook")
    text(twilio)
    twilio.messages()[0].date_created -= 60.0
    found = examine("last_inbound")["last_inbound"]
    assert (found.level, "1 text to this channel that never reached us" in found.evidence) == (
        Level.PROBLEM,
        True,
    )


def test_texts_that_came_by_catch_up_only(healthy: Flask, examine: Examine, twilio: Any) -> None:
    text(twilio)
    write(healthy, SmsMessage, SmsMessage.id > 0, sent_at=db_now(-500.0))
    found = examine("last_inbound")["last_inbound"]
    assert (found.level, "Not by webhook" in found.evidence) == (Level.WARNING, True)


def test_reports_that_never_come(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("dropped_callbacks", count=None)
    converse(healthy, twilio)
    assert examine("last_callback")["last_callback"].level is Level.UNKNOWN
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", accepted_at=db_now(-300.0))
    assert examine("last_callback")["last_callback"].level is Level.PROBLEM


def test_some_reports_that_never_come(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("dropped_callbacks", count=None)
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", accepted_at=db_now(-300.0))
    assert examine("last_callback")["last_callback"].level is Level.WARNING


def test_a_slow_assistant(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "inbound", created_at=db_now(-25.0))
    found = examine("answers_in_time")["answers_in_time"]
    assert (found.level, "faster model" in found.fix) == (Level.WARNING, True)


def test_slow_carriers(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", final_at=db_now(40.0))
    found = examine("answers_in_time")["answers_in_time"]
    assert (found.level, "status page" in found.fix) == (Level.WARNING, True)
