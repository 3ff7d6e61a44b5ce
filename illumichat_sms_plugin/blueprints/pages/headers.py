"""What the browser is told about every page of ours."""

from __future__ import annotations

from flask import Response

from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.runtime import current_runtime

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
"""What our own parts need and no more: no inline script or style, nothing from elsewhere."""
PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""And no copy of texts in a cache."""


def add_page_headers(response: Response) -> Response:
    """Set the headers; to be used as ``after_request``. What the app sets after us counts instead."""
    if "Content-Security-Policy" in response.headers:  # a texter's file brings headers of its own
        return response
    response.headers.update(PAGE_HEADERS)
    if policy := _policy():
        response.headers["Content-Security-Policy"] = policy
    return response


def _policy() -> str:
    """The host's where it has one for our pages, which are in its layout; empty when it sets the header elsewhere."""
    given = offered(current_runtime().host.pages, "csp")
    if given is None:
        return POLICY
    return str((given() if callable(given) else given) or "")
