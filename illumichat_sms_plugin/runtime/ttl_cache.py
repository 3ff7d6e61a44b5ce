"""A small thread-safe cache whose entries are forgotten after a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

MAX_ENTRIES = 4096
"""Bounds the memory that requests for unknown assistants can take."""
MARGIN = 0.1
"""Seconds by which the sweep comes later than the end of an entry."""


class TtlCache(Generic[Value]):
    """Keeps what ``load`` returned for ``ttl`` seconds; two threads may load the same key at once.

    An entry that is too old is dropped when any other is asked for. With ``swept`` it is dropped also when nobody
    asks any more, by a thread that lives as long as there are entries: for what must not stay in memory.
    """

    def __init__(
        self, ttl: float, clock: Callable[[], float] = time.monotonic, *, swept: bool = False
    ) -> None:
        self._ttl = ttl
        self._clock = clock
        self._entries: dict[str, tuple[float, Value]] = {}
        """The oldest first."""
        self._lock = threading.Lock()
        self._forgotten = 0
        self._swept = swept
        self._sweeper: threading.Timer | None = None

    def get(self, key: str, load: Callable[[], Value]) -> Value:
        """The value of ``key``, loaded when it is missing or too old.

        What is forgotten while it is being loaded is not kept: it may be what it was before the change.
        """
        entry = self._entries.get(key)
        if entry is not None and self._clock() - entry[0] < self._ttl:
            return entry[1]
        forgotten = self._forgotten
        value = load()
        with self._lock:
            self._drop_old()
            if self._forgotten == forgotten:
                if len(self._entries) >= MAX_ENTRIES:
                    self._entries.clear()
                self._entries.pop(key, None)
                self._entries[key] = (self._clock(), value)
                self._see_to_the_sweep()
        return value

    def age(self, key: str) -> float | None:
        """Seconds since ``key`` was loaded, or None."""
        entry = self._entries.get(key)
        return None if entry is None else self._clock() - entry[0]

    def forget(self, key: str) -> None:
        """Load ``key`` anew the next time."""
        with self._lock:
            self._forgotten += 1
            self._entries.pop(key, None)

    def forget_all(self) -> None:
        """Load everything anew."""
        with self._lock:
            self._forgotten += 1
            self._entries.clear()

    def _drop_old(self) -> None:
        limit = self._clock() - self._ttl
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest][0] > limit:
                return
            del self._entries[oldest]

    def _see_to_the_sweep(self) -> None:
        # A fork leaves the thread behind, and then it is not alive.
        if self._swept and not (self._sweeper is not None and self._sweeper.is_alive()):
            self._sweeper = threading.Timer(self._ttl + MARGIN, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        with self._lock:
            self._sweeper = None
            self._drop_old()
            if self._entries:
                self._see_to_the_sweep()
