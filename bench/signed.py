"""What Twilio sends, signed as Twilio signs it: inbound texts and status callbacks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask

from bench.in_process import post
from demo.twilio_simulator import seed
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey

PUBLIC_URL = "https://chat.example.com"
TEXT_PATH, STATUS_PATH = "/api/sms/webhook/ast_support", "/api/sms/status/ast_support"
KEY = SigningKey("auth_token", Secret(seed.AUTH_TOKEN), "HMAC_SHA1")


@dataclass(frozen=True)
class Signed:
    """A request, encoded beforehand so that its encoding does not count."""

    path: str
    body: bytes
    signature: str

    def post_to(self, app: Flask) -> None:
        """Straight into ``app``; it must be accepted."""
        status = post(app, self.path, self.body, {"X-Twilio-Signature": self.signature})
        if not status.startswith("2"):
            raise SystemExit(f"{self.path}: {status}")


def signed_text(sender: str, body: str) -> Signed:
    """A new text of ``sender``, with the fields that Twilio sends."""
    return _signed(
        TEXT_PATH,
        {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": "",
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": "",
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "US",
            "To": seed.SUPPORT_NUMBER,
            "NumSegments": "1",
            "MessageSid": new_sid(),
            "AccountSid": seed.ACCOUNT_SID,
            "From": sender,
            "ApiVersion": "2010-04-01",
        },
    )


def signed_status(sid: str, status: str, *, to: str, message_id: int | None = None) -> Signed:
    """What Twilio reports about the text ``sid``; with our ``message_id`` in the address, as we ask for."""
    return _signed(
        STATUS_PATH + (f"?m={message_id}" if message_id is not None else ""),
        {
            "SmsSid": sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": to,
            "MessageSid": sid,
            "AccountSid": seed.ACCOUNT_SID,
            "From": seed.SUPPORT_NUMBER,
            "ApiVersion": "2010-04-01",
        },
    )


def new_sid() -> str:
    return "SM" + secrets.token_hex(16)


def _signed(path: str, form: dict[str, str]) -> Signed:
    return Signed(path, urlencode(form).encode(), sign(PUBLIC_URL + path, list(form.items()), KEY))
