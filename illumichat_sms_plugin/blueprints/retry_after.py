"""When to try again after a response that says no for now."""

from __future__ import annotations

from flask import Response

from illumichat_sms_plugin.errors import RateLimited, SmsError


def say_when(response: Response, error: SmsError) -> Response:
    """Add ``Retry-After`` (seconds) for an error that has one."""
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
