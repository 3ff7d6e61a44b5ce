"""Texts that Twilio has and whose webhook never reached us."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, db_now
from tests.support.channels import write
from tests.support.twilio_requests import NUMBER, TEXTER


def connected_long_ago(app: Flask) -> None:
    long_ago = db_now(-86400.0)
    write(app, SmsChannel, SmsChannel.id > 0, created_at=long_ago, connected_at=long_ago, catch_up_at=None)


def missed(twilio: Any, body: str, age: float = 60.0, sender: str = TEXTER, to: str = NUMBER) -> None:
    """A text that Twilio has had for ``age`` seconds and whose webhook never reached us."""
    twilio.add_fault("lost_webhook")
    twilio.text(sender, to, body)
    message = twilio.messages(from_=sender, body=body)[-1]
    message.date_created -= age
    message.date_sent = message.date_created
