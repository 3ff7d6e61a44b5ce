"""Where requests go."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.twilio_gateway.clock import TwilioClock
from illumichat_sms_plugin.twilio_gateway.transport import Transport

SERVICES = "https://messaging.twilio.com/v1/Services?PageSize=1"
GEO = "https://accounts.twilio.com/v1/Messaging/GeoPermissions"
MESSAGES = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json?To=%2B1"


@pytest.mark.parametrize(
    ("api_url", "messages", "services"),
    [
        ("https://api.twilio.com", "https://api.twilio.com", "https://messaging.twilio.com"),
        (
            "https://api.dublin.ie1.twilio.com/",
            "https://api.dublin.ie1.twilio.com",
            "https://messaging.dublin.ie1.twilio.com",
        ),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        (
            "https://relay.example.com/twilio",
            "https://relay.example.com/twilio",
            "https://relay.example.com/twilio",
        ),
        (
            "https://api.twilio.com.evil.example",
            "https://api.twilio.com.evil.example",
            "https://api.twilio.com.evil.example",
        ),
    ],
)
def test_every_product_is_found_from_the_one_setting(api_url: str, messages: str, services: str):
    transport = Transport(api_url, 1, 1, 1, TwilioClock())
    assert transport._rebased(MESSAGES) == messages + "/2010-04-01/Accounts/AC1/Messages.json?To=%2B1"
    assert transport._rebased(SERVICES) == services + "/v1/Services?PageSize=1"
    accounts = services.replace("//messaging.", "//accounts.")
    assert transport._rebased(GEO) == accounts + "/v1/Messaging/GeoPermissions"
