"""A channel that is asked quickly."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.channels import connect


@pytest.fixture
def texting(make: Any, twilio: Any) -> Flask:
    """The texts come as fast as a machine's here, and that is not what is tested."""
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    return app
