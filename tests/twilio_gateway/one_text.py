"""One text that is sent, and what Twilio says to it."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import SentText

from .scripted_server import (
    Act,
    answers,
)

SID = "SM" + "a" * 32
CREATED = {"sid": SID, "status": "queued", "num_segments": "2", "error_code": None, "price": None}
TEXT = {"from_number": "+15551230002", "to_number": "+15551230001", "body": "Hello 🎉 & more"}


def send(client: Any, **changes: Any) -> SentText:
    return send_text(client, **{**TEXT, "status_callback": "https://h.example.com/s?m=1", **changes})


def error(code: int | None, status: int, message: str = "no") -> Act:
    return answers(status, {"code": code, "message": message, "more_info": "…", "status": status})
