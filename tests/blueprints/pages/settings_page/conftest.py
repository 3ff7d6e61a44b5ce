"""Apps for the tests of the SMS page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask


@pytest.fixture
def app(make: Any, twilio: Any) -> Flask:
    """An app that asks the simulated Twilio; nothing is connected."""
    found: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return found
