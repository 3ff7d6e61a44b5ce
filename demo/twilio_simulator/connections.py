"""The HTTP server: waitress, with a socket that can be reset in the middle of a request."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from typing import Any, NoReturn

import waitress.channel
import waitress.server
import waitress.task
import waitress.wasyncore

_SOCKET = "twilio_simulator.socket"

logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class _Task(waitress.task.WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[_SOCKET] = self.channel.socket
        return environ


class _Channel(waitress.channel.HTTPChannel):  # type: ignore[misc]
    task_class = _Task


def reset_connection(environ: dict[str, Any]) -> NoReturn:
    """Cut the caller off with a TCP reset, in place of an answer."""
    sock: socket.socket = environ[_SOCKET]
    with contextlib.suppress(OSError):  # the caller was quicker to hang up
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise waitress.channel.ClientDisconnected


class Server:
    """A waitress server in a thread of its own."""

    def __init__(self, app: Any, host: str, port: int, threads: int) -> None:
        self._map: dict[int, Any] = {}
        self._server = waitress.server.create_server(
            app,
            map=self._map,
            host=host,
            port=port,
            threads=threads,
            connection_limit=1000,
            channel_request_lookahead=1,
            max_request_body_size=1024 * 1024,
            ident=None,
        )
        self._server.channel_class = _Channel
        self.port = int(self._server.effective_port)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twilio-simulator-http", daemon=True)

    def start(self) -> None:
        """Serve until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections; no new connection comes about afterwards."""
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(10)
        # Last, because a request that still runs writes to the trigger when it is done, and so did we.
        if not self._thread.is_alive() and not self._server.task_dispatcher.threads:
            self._server.trigger.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # poll() instead of select(): a test process may have more than 1024 files open
            waitress.wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
        self._close()

    def _close(self) -> None:
        for item in list(self._map.values()):
            if item is self._server:
                waitress.wasyncore.dispatcher.close(item)
            elif item is not self._server.trigger:
                item.handle_close()
        self._server.task_dispatcher.shutdown(timeout=5)
