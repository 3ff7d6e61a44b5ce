"""Refused webhooks on their way to the database: a few samples in memory, the rest only counted.

A refused request must cost nothing that a forger could multiply, so it does no more than this: one
lock, one counter, and for the first few a reference. All bounds are per process and round.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Sample = TypeVar("Sample")

MAX_KEYS = 200
SAMPLES_PER_KEY = 3
MAX_SAMPLES = 30
OVERDUE = 10.0
"""Seconds after which a planned round that never came, for its process was forked, is planned anew."""


@dataclass(slots=True)
class Noted(Generic[Sample]):
    """The refusals of one key; ``samples`` are the first of ``count``."""

    count: int = 0
    samples: list[Sample] = field(default_factory=list)


class RejectionBuffer(Generic[Sample]):
    """Collects refusals by key until they are taken; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: dict[tuple[int, str], Noted[Sample]] = {}
        self._samples = 0
        self._planned_at: float | None = None
        self._closed = False
        self._timer: threading.Timer | None = None

    def note(self, key: tuple[int, str], sample: Sample) -> bool:
        """Count one refusal; True when the caller is the one to plan the next :meth:`take`."""
        with self._lock:
            if self._closed or (key not in self._noted and len(self._noted) >= MAX_KEYS):
                return False
            noted = self._noted.setdefault(key, Noted())
            noted.count += 1
            if len(noted.samples) < SAMPLES_PER_KEY and self._samples < MAX_SAMPLES:
                noted.samples.append(sample)
                self._samples += 1
            now = self._clock()
            if self._planned_at is not None and now - self._planned_at < OVERDUE:
                return False
            self._planned_at = now
            return True

    def take(self) -> Sequence[tuple[tuple[int, str], Noted[Sample]]]:
        """All that was noted since the last time."""
        with self._lock:
            noted, self._noted = self._noted, {}
            self._samples = 0
            self._planned_at = None
        return list(noted.items())

    def plan(self, delay: float, work: Callable[[], object]) -> None:
        """Have a thread of this process do ``work`` in ``delay`` seconds, if it still lives by then."""
        timer = threading.Timer(delay, work)
        timer.name = "sms-rejections"
        timer.daemon = True
        self._timer = timer
        timer.start()

    def close(self) -> None:
        """Forget everything and take nothing more; what is being written down is waited for."""
        with self._lock:
            self._closed = True
            self._noted = {}
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join(timeout=5.0)
