"""Connections that know whether a request has left this machine.

A text must not be sent twice, so after a failure the first question is whether Twilio can have seen the request.
The type of the exception does not say: a TLS error may come from the handshake or from reading the response. So the
connection itself notes the moment before the first byte of a request is handed to the socket.

An exchange ends in time (bounded_response.py): no request is begun after its deadline, and no response read past it.

Idle connections are given up early: the longer one rests, the likelier the other side has dropped it, and a
request lost on a dropped connection is a request in doubt.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from illumichat_sms_plugin.twilio_gateway.bounded_response import BoundedResponse, Bounds

IDLE_LIMIT = 20.0
"""Seconds after which a resting connection is not used again."""


class Exchange(threading.local):
    """The exchange that the current thread is in. ``unsent``: not one byte of the request has been written."""

    running: bool = False
    unsent: bool = False
    bounds: Bounds = Bounds(math.inf, 0)


EXCHANGE = Exchange()


@contextmanager
def exchange(seconds: float, max_bytes: int) -> Iterator[Exchange]:
    """Run one exchange within ``seconds``, reading at most ``max_bytes``, headers and all.

    Afterwards ``unsent`` says what became of the request.
    """
    EXCHANGE.running, EXCHANGE.unsent = True, True
    EXCHANGE.bounds = Bounds(time.monotonic() + seconds, max_bytes)
    try:
        yield EXCHANGE
    finally:
        EXCHANGE.running = False


class _Response(BoundedResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, bounds=EXCHANGE.bounds, **kwargs)


class WatchedConnection:
    """Mixed into urllib3's connections."""

    idle_since: float | None = None
    response_class: Any = _Response
    sock: Any

    def connect(self) -> None:
        """Called by urllib3 once for a connection."""
        unsent = EXCHANGE.unsent
        try:
            super().connect()  # type: ignore[misc]
        finally:
            EXCHANGE.unsent = unsent  # a proxy's CONNECT goes through send() too and is not the request

    def send(self, data: Any) -> None:
        """Called by urllib3 for each piece of a request."""
        if self.sock is None:
            self.connect()
        EXCHANGE.bounds.seconds_left()
        EXCHANGE.unsent = False
        super().send(data)  # type: ignore[misc]


class _WatchedHttp(WatchedConnection, HTTPConnection):
    pass


class _WatchedHttps(WatchedConnection, HTTPSConnection):
    pass


class _ShortRest:
    """Mixed into urllib3's pools: a connection that rested too long is opened anew."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        since = connection.idle_since
        if since is not None and time.monotonic() - since > IDLE_LIMIT:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]


class _HttpPool(_ShortRest, HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class PooledHttps(_ShortRest, HTTPSConnectionPool):
    """Connections by TLS."""

    ConnectionCls: Any = _WatchedHttps


_POOLS = {"http": _HttpPool, "https": PooledHttps}


class WatchedAdapter(HTTPAdapter):
    """requests' adapter with these connections. Never tries again: not after an error, not after a 503."""

    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = _POOLS
    """Those of direct connections, by scheme."""

    def __init__(self, pool_size: int) -> None:
        super().__init__(pool_connections=4, pool_maxsize=pool_size, max_retries=0)
        logging.getLogger("urllib3.connectionpool").addFilter(_without_query)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Called by requests once; the direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Called by requests for every request that goes through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if isinstance(manager, ProxyManager):
            manager.pool_classes_by_scheme = _POOLS
        else:
            EXCHANGE.unsent = False  # a SOCKS proxy brings connections of its own, which do not watch
        return manager


def _without_query(record: logging.LogRecord) -> bool:
    """Take phone numbers out of the lines that urllib3 writes at DEBUG about our own exchanges."""
    if EXCHANGE.running and isinstance(record.args, tuple):
        record.args = tuple(item.partition("?")[0] if isinstance(item, str) else item for item in record.args)
    return True
