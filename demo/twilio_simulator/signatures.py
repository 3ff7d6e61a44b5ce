"""How Twilio signs a webhook: https://www.twilio.com/docs/usage/security#validating-requests.

The URL without its fragment, then each form parameter's name and value in order of name, a
repeated name with its distinct values in order; HMAC over the UTF-8 bytes, in base64.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable

SIGNATURE_HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"


def sign(url: str, params: Iterable[tuple[str, str]], key: str, algorithm: str = "sha1") -> str:
    """The signature header's value. ``algorithm`` is ``sha1`` (auth token) or ``sha256`` (shared key)."""
    data = url.partition("#")[0]
    for name, value in sorted(set(params)):
        data += name + value
    digest = hmac.new(key.encode(), data.encode("utf-8", "surrogatepass"), algorithm).digest()
    return base64.b64encode(digest).decode()
