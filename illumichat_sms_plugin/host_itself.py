"""What a host may have besides its parts, on the object that it hands over; the plugin looks for it."""

from __future__ import annotations

from typing import Any, Protocol


class HostExtras(Protocol):
    """What the host itself may have besides."""

    def redis_client(self, *, socket_timeout: float | None, socket_connect_timeout: float | None) -> Any:
        """A new ``redis.Redis`` in place of ``SMS_REDIS_URL``, with these timeouts (seconds). It answers bytes."""
