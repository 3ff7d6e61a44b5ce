"""Who may use the control API, and how it refuses.

For this machine only, and closed to pages of other origins: requests must come from loopback with a
loopback ``Host``, and what changes something must be JSON.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request


class Refused(Exception):  # noqa: N818 - read as what is answered
    """The request makes no sense; answered as 400 with the sentence."""


def let_in() -> tuple[Response, int] | None:
    """Refuse callers from elsewhere, and browsers that were sent here by a foreign page."""
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    host = urlsplit(f"//{request.host}").hostname or ""
    if not local or (host != "localhost" and not _is_loopback(host)):
        return jsonify(error="the control API is for this machine only"), 403
    if request.method in ("POST", "PUT", "DELETE") and not request.is_json:
        return jsonify(error="the control API takes JSON only"), 415
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def body_of_request() -> dict[str, Any]:
    """The JSON object that was sent."""
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise Refused("the body must be a JSON object")
    return values
