"""A server that plays a script: one act for each request, good or faulty, down to the socket.

Twilio's simulator answers as Twilio does; this one breaks off, stalls and lies.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire; ``connection`` counts from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Act = Callable[[socket.socket], bool]
"""Plays on a connection after a request was read; True to read another one from it."""


@dataclass
class ScriptedServer:
    """Use as a context manager. ``url`` is where it listens, ``received`` what it read so far.

    ``greeting`` is sent to whoever connects.
    """

    received: list[Received] = field(default_factory=list)
    connections: int = 0
    greeting: bytes = b""
    _acts: deque[Act] = field(default_factory=deque)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> ScriptedServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plays(self, *acts: Act) -> None:
        """Add to the script."""
        self._acts.extend(acts)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(self.greeting)
            while (request := _read_request(connection, number)) is not None:
                self.received.append(request)
                if not self._acts:
                    return
                if not self._acts.popleft()(connection):
                    return

    def stall(self, connection: socket.socket) -> bool:
        """Say nothing until the server stops or the other side gives up."""
        connection.recv(1)
        return False


def _read_request(connection: socket.socket, number: int) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, *_ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return Received(method, target, headers, body, number)


def answers(
    status: int, body: Any = b"", *, headers: dict[str, str] | None = None, then: Act | None = None
) -> Act:
    """Answer with ``body`` (bytes, or made JSON); the connection stays open, or goes on to ``then``."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}

    def act(connection: socket.socket) -> bool:
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + content)
        return then(connection) if then else True

    return act


def sends(raw: bytes) -> Act:
    """Send these bytes and close."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(raw)
        return closes(connection)

    return act


def drips(head: bytes, pause: float) -> Act:
    """Send ``head``, then a byte each ``pause`` seconds, until the other side gives up."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(head)
        connection.settimeout(pause)
        while True:
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1):
                    return False
            connection.sendall(b"x")

    return act


def pours(head: bytes) -> Act:
    """Send ``head``, then bytes without end, until the other side gives up."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(head)
        while True:
            connection.sendall(b"0" * 65536)

    return act


def closes(connection: socket.socket) -> bool:
    """Close in an orderly way."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return False


def resets(connection: socket.socket) -> bool:
    """Break off with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def resets_at_next_request(connection: socket.socket) -> bool:
    """Stay until the next request arrives, and break off without having read it."""
    connection.recv(1, socket.MSG_PEEK)
    return resets(connection)
