"""Apps for the tests of services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.answering import send_message
from tests.support.channels import connect, outbound, run_jobs
from tests.support.twilio_requests import TEXTER, status_in, text_in


@pytest.fixture
def impatient(make: Callable[..., Flask], twilio: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A connected app that does not wait long for Twilio."""
    monkeypatch.setattr(send_message, "THROTTLE_PAUSES", (0.01, 0.01, 0.01))
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_TWILIO_READ_TIMEOUT=0.5, SMS_SETTLE_INTERVAL=30)
    connect(app)
    return app


@pytest.fixture
def talked(texting: Flask, twilio: Any) -> Flask:
    """An app with a conversation of two texts, one answer, reports and an opt-out."""
    twilio.text(TEXTER, "+15551230001", "hello from the log of Twilio", wait=True)
    text_in(texting, "my name is Zebedee")
    run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "delivered")
    text_in(texting, "STOP")
    return texting
