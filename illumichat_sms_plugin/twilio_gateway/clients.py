"""Twilio's clients, made when they are needed, over shared connections. None is kept: it would keep its secret."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from illumichat_sms_plugin.twilio_gateway.clock import TwilioClock
from illumichat_sms_plugin.twilio_gateway.values import Credentials

if TYPE_CHECKING:
    from illumichat_sms_plugin.twilio_gateway.transport import Transport

TwilioClient = Any
"""``twilio.rest.Client``; named so that nobody has to import Twilio's library to name it."""

_NO_ENVIRONMENT = {"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": "", "TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""Twilio's library takes an empty mapping for "read os.environ"."""
_NOT_HERE = "see login.py"
"""What Twilio's library is told for name and password: it passes them on, and our transport does not look at them."""


class TwilioClients:
    """Makes clients; safe for threads, and after a fork the child opens connections of its own.

    Loads Twilio's library at the first :meth:`get`. Timeouts are in seconds; ``pool_size`` is how many
    connections may rest at once.
    """

    def __init__(
        self, api_url: str, connect_timeout: float, read_timeout: float, *, pool_size: int = 64
    ) -> None:
        self.clock = TwilioClock()
        self._settings = (api_url, connect_timeout, read_timeout, pool_size, self.clock)
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._process = os.getpid()

    def get(self, credentials: Credentials, *, within: float | None = None) -> TwilioClient:
        """A client that logs in with ``credentials``; makes no call, and is gone with its last user.

        ``within`` (seconds) bounds each of its calls more tightly than the configured timeouts do.
        """
        from twilio.rest import Client

        return Client(
            _NOT_HERE,
            _NOT_HERE,
            credentials.account_sid,
            http_client=self._shared_transport().logged_in(credentials, within),
            environment=_NO_ENVIRONMENT,
        )

    @staticmethod
    def load() -> None:
        """Import Twilio's library now: many threads that need it at once would all wait for the first of them."""
        from twilio.rest import Client

        from illumichat_sms_plugin.twilio_gateway.transport import Transport

        assert Client, Transport  # noqa: S101 - imported for good

    def close(self) -> None:
        """Close all connections; a later :meth:`get` opens new ones."""
        with self._lock:
            if self._transport is not None and self._process == os.getpid():
                self._transport.close()
            self._transport = None

    def _shared_transport(self) -> Transport:
        """A TLS connection shared by two processes garbles both: the parent's are left alone."""
        from illumichat_sms_plugin.twilio_gateway.transport import Transport

        with self._lock:
            if self._transport is None or self._process != os.getpid():
                self._transport = Transport(*self._settings)
                self._process = os.getpid()
            return self._transport
