"""What ``access`` of a host may have besides what the contract in ``host.py`` asks for; the plugin looks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class CallersExtras(Protocol):
    """What ``access`` may have besides."""

    security_scheme: Mapping[str, Any]
    """How a program says who it is: a security scheme of OpenAPI 3.1, such as ``{"type": "apiKey", "in": "header", "name": "X-Key"}``.

    It stands in the OpenAPI document. Without it the document says that a program sends a bearer token.
    """
