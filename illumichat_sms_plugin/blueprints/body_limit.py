"""How large a body may be that people and programs send; Twilio's has a limit of its own."""

from __future__ import annotations

from flask import request

MAX_BODY = 65536
"""Bytes; no form and no JSON of ours comes near it."""


def limit_body() -> None:
    """Refuse to read more; Flask answers 413."""
    request.max_content_length = MAX_BODY
