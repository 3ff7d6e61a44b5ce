"""What protects the pages: CSRF tokens and a strict Content-Security-Policy."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from demo.host.access import carries_bearer

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""No inline script or style, nothing from elsewhere."""


class Csrf(CSRFProtect):
    """CSRF protection for requests that a browser may have been tricked into."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Check the token; a request that is judged by its Authorization header has none to check."""
        if not carries_bearer():
            super().protect(apply_exemptions)


csrf = Csrf()


def init_app(app: Flask) -> None:
    """Protect every page and every state-changing request of ``app``."""
    csrf.init_app(app)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
