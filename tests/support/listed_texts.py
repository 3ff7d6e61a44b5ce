"""A text as Twilio's list has it."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.twilio_gateway.values import ListedText


def listed_text(**values: Any) -> ListedText:
    """An inbound text without price and times, but for what ``values`` say."""
    usual: dict[str, Any] = {
        "sid": "SM" + "1" * 32,
        "direction": "inbound",
        "from_number": "+15557654321",
        "to_number": "+15551230001",
        "body": "Hello",
        "status": "received",
        "error_code": None,
        "segments": 1,
        "media_count": 0,
        "price": None,
        "price_unit": None,
        "date_created": None,
        "date_sent": None,
    }
    return ListedText(**(usual | values))
