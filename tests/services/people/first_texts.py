"""The host texts somebody first who agreed to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.support.twilio_requests import TEXTER

BOOKED = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
CONSENT = Consent("appointment reminders", BOOKED, "ticked on the booking form")
REMINDER = "Your appointment is at 10, reply C to confirm"


def day(app: Flask, begins: int, ends: int) -> None:
    settings = app.extensions["illumichat_sms"].settings
    object.__setattr__(settings, "first_text_from", begins)
    object.__setattr__(settings, "first_text_until", ends)


def let_it_be_night(app: Flask) -> None:
    """Where numbers of New York are."""
    hour = datetime.now(ZoneInfo("America/New_York")).hour
    day(app, *((hour + 2, 24) if hour < 12 else (0, hour - 1)))


def start(app: Flask, text: str = REMINDER, key: str = "k1", **given: Any) -> Sent | Refused:
    wish = {"assistant_id": "ast_support", "number": TEXTER, "text": text, "consent": CONSENT, "key": key}
    with app.app_context():
        started: Sent | Refused = app.extensions["illumichat_sms"].channel.start(**wish | given)
        return started
