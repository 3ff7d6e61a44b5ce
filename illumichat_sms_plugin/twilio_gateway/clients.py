"""Twilio's clients, one for each account and token, over shared connections."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from illumichat_sms_plugin.twilio_gateway.clock import TwilioClock
from illumichat_sms_plugin.twilio_gateway.values import Credentials

if TYPE_CHECKING:
    from illumichat_sms_plugin.twilio_gateway.transport import Transport

TwilioClient = Any
"""``twilio.rest.Client``; named so that nobody has to import Twilio's library to name it."""

_NO_ENVIRONMENT = {"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": "", "TWILIO_EDGE": "", "TWILIO_REGION": ""}
"""Twilio's library takes an empty mapping for "read os.environ"."""


class TwilioClients:
    """Keeps up to ``max_clients`` clients; safe for threads, and after a fork the child starts afresh.

    Loads Twilio's library at the first :meth:`get`. Timeouts are in seconds; ``pool_size`` is how many
    connections may rest at once.
    """

    def __init__(
        self,
        api_url: str,
        connect_timeout: float,
        read_timeout: float,
        *,
        pool_size: int = 64,
        max_clients: int = 256,
    ) -> None:
        self.clock = TwilioClock()
        self._settings = (api_url, connect_timeout, read_timeout, pool_size, self.clock)
        self._max_clients = max_clients
        self._lock = threading.Lock()
        self._clients: OrderedDict[tuple[str, bytes], TwilioClient] = OrderedDict()
        self._transport: Transport | None = None
        self._process = os.getpid()

    def get(self, credentials: Credentials) -> TwilioClient:
        """The client of an account; makes no call."""
        # The token's hash: the token itself need not live on as a dictionary key.
        key = (credentials.account_sid, sha256(credentials.auth_token.encode()).digest())
        with self._lock:
            self._forget_after_fork()
            client = self._clients.get(key)
            if client is None:
                client = self._clients[key] = self._new(credentials)
            self._clients.move_to_end(key)
            while len(self._clients) > self._max_clients:
                self._clients.popitem(last=False)
            return client

    def close(self) -> None:
        """Close all connections and forget all clients; a later :meth:`get` starts afresh."""
        with self._lock:
            self._clients.clear()
            if self._transport is not None and self._process == os.getpid():
                self._transport.close()
            self._transport = None

    def _new(self, credentials: Credentials) -> TwilioClient:
        from twilio.rest import Client

        from illumichat_sms_plugin.twilio_gateway.transport import Transport

        if self._transport is None:
            self._transport = Transport(*self._settings)
        return Client(
            credentials.account_sid,
            credentials.auth_token,
            http_client=self._transport,
            environment=_NO_ENVIRONMENT,
        )

    def _forget_after_fork(self) -> None:
        """A TLS connection shared by two processes garbles both; leave the parent's alone."""
        if self._process != os.getpid():
            self._clients.clear()
            self._transport = None
            self._process = os.getpid()
