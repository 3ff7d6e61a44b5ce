"""A small thread-safe cache whose entries are forgotten after a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

MAX_ENTRIES = 4096
"""Bounds the memory that requests for unknown assistants can take."""


class TtlCache(Generic[Value]):
    """Keeps what ``load`` returned for ``ttl`` seconds; two threads may load the same key at once."""

    def __init__(self, ttl: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._clock = clock
        self._entries: dict[str, tuple[float, Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: str, load: Callable[[], Value]) -> Value:
        """The value of ``key``, loaded when it is missing or too old."""
        entry = self._entries.get(key)
        if entry is not None and self._clock() - entry[0] < self._ttl:
            return entry[1]
        value = load()
        with self._lock:
            if len(self._entries) >= MAX_ENTRIES:
                self._entries.clear()
            self._entries[key] = (self._clock(), value)
        return value

    def age(self, key: str) -> float | None:
        """Seconds since ``key`` was loaded, or None."""
        entry = self._entries.get(key)
        return None if entry is None else self._clock() - entry[0]

    def forget(self, key: str) -> None:
        """Load ``key`` anew the next time."""
        with self._lock:
            self._entries.pop(key, None)
