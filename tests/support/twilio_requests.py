"""Webhook requests as Twilio makes them, signed by Twilio's own library."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from twilio.request_validator import RequestValidator

from demo.twilio_simulator import seed
from tests.support.apps import PUBLIC_URL

ACCOUNT_SID = seed.ACCOUNT_SID
AUTH_TOKEN = seed.AUTH_TOKEN
NUMBER = seed.SUPPORT_NUMBER
TEXTER = "+15557654321"


def new_sid() -> str:
    """A message SID that was never seen before."""
    return "SM" + secrets.token_hex(16)


def inbound_form(body: str = "What are your opening hours?", **fields: Any) -> dict[str, Any]:
    """The form of an inbound text."""
    form = {
        "MessageSid": new_sid(),
        "AccountSid": ACCOUNT_SID,
        "From": TEXTER,
        "To": NUMBER,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }
    return form | {name: value for name, value in fields.items() if value is not None}


def status_form(sid: str, status: str, **fields: Any) -> dict[str, Any]:
    """The form of a status callback."""
    return {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT_SID, **fields}


def signature(url: str, form: Any, token: str = AUTH_TOKEN) -> str:
    """X-Twilio-Signature for ``form`` at ``url``."""
    signed: str = RequestValidator(token).compute_signature(url, form)
    return signed


def post_signed(
    app: Flask, path: str, form: Any, token: str = AUTH_TOKEN, url: str | None = None, **kwargs: Any
) -> Any:
    """POST ``form`` to ``path`` as Twilio would."""
    headers = {"X-Twilio-Signature": signature(url or PUBLIC_URL + path, form, token)}
    return app.test_client().post(path, data=form, headers=headers | kwargs.pop("headers", {}), **kwargs)


def text_in(app: Flask, body: str = "What are your opening hours?", **fields: Any) -> Any:
    """An inbound text for ast_support."""
    return post_signed(app, "/api/sms/webhook/ast_support", inbound_form(body, **fields))


def status_in(app: Flask, sid: str, status: str, query: str = "", **fields: Any) -> Any:
    """A status callback for ast_support."""
    return post_signed(app, f"/api/sms/status/ast_support{query}", status_form(sid, status, **fields))
