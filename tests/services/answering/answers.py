"""What came of a text."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.models import SmsSession, db_now
from tests.support.channels import write
from tests.support.twilio_requests import TEXTER


def on_twilio(twilio: Any, to: str = TEXTER) -> list[str]:
    return [message.body for message in twilio.messages(to=to, created_by="api")]


def due_now(app: Flask) -> None:
    """Let waiting retries be due."""
    due = {"retry_at": db_now(-1.0), "swept_at": None, "last_message_at": db_now(-60.0)}
    write(app, SmsSession, SmsSession.id > 0, **due)
