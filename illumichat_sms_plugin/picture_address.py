"""Addresses of pictures that go out: Twilio fetches them, so anybody can."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

LONGEST = 1000
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
_INSIDE = (".local", ".localhost", ".internal", ".lan", ".home", ".corp", ".test", ".invalid", ".onion")


def public_picture(url: str) -> str | None:
    """The address if it is one that Twilio could fetch: https, a name of the internet, nobody's login in it."""
    url = url.strip()
    if (
        not url
        or len(url) > LONGEST
        or not (url.isascii() and url.isprintable())
        or re.search(r"[ \\\"<>]", url)
    ):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443) or _is_address(host):
        return None
    return url if _HOST.fullmatch(host) and not host.endswith(_INSIDE) else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
