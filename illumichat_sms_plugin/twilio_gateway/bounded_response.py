"""Responses that end: by a moment and within a size, however slowly or endlessly they come.

A socket's timeout counts anew for every piece it receives, so a response that drips a byte at a time never
runs into it. Here the time that is left of the whole exchange is the timeout of each piece.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, cast


@dataclass(slots=True)
class Bounds:
    """``deadline`` on the clock of ``time.monotonic()``; ``bytes_left`` of all responses in the exchange."""

    deadline: float
    bytes_left: int

    def seconds_left(self) -> float:
        """TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the exchange is over")
        return left


class BoundedResponse(HTTPResponse):
    """A response that is read within the bounds, headers included."""

    def __init__(self, sock: Any, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(cast(Any, _BoundedSocket(sock, bounds)), *args, **kwargs)


class _BoundedSocket:
    """As much of a socket as HTTPResponse asks for."""

    def __init__(self, sock: Any, bounds: Bounds) -> None:
        self._sock = sock
        self._bounds = bounds

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(
            _BoundedStream(self._sock, self._sock.makefile(mode, buffering=0), self._bounds)
        )


class _BoundedStream(io.RawIOBase):
    """What comes in, piece by piece."""

    def __init__(self, sock: Any, stream: Any, bounds: Bounds) -> None:
        self._sock = sock
        self._stream = stream
        self._bounds = bounds
        self._patience = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._bounds.seconds_left()
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        count: int | None = self._stream.readinto(buffer)
        self._bounds.bytes_left -= count or 0
        if self._bounds.bytes_left < 0:
            raise OSError("the response is too large")
        return count

    def fileno(self) -> int:
        return int(self._stream.fileno())

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
