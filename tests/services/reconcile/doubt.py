"""Answers of which nobody knows what became of them."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.support.channels import write

IN_DOUBT = ["hang_after_accepting", "reset_after_accepting", "error_after_accepting", "no_sid"]
"""Faults after which Twilio has the text, and we do not know it."""


def look(app: Flask) -> None:
    """Let housekeeping look after everything that is in doubt, as if its time had come."""
    write(app, SmsMessage, SmsMessage.send_state == "in_doubt", check_at=db_now(-1.0))
    with app.app_context():
        run_once(current_runtime())


def abandon(app: Flask, **columns: Any) -> None:
    """Leave the outbound row as a killed worker would."""
    values = {"send_state": "sending", "message_sid": None, "status": None, "check_at": db_now(-1.0)}
    write(app, SmsMessage, SmsMessage.direction == "outbound", **values | columns)
