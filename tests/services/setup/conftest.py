"""An app that asks the simulated Twilio."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask


@pytest.fixture
def asking(make: Any, twilio: Any) -> Flask:
    """An app that asks the simulated Twilio; nothing is connected."""
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return app
