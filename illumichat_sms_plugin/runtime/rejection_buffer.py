"""Refused webhooks on their way to the database: a few samples in memory, the rest only counted.

A refused request must cost nothing that a forger could multiply, so it does no more than this: one
lock, one counter, and for the first few a reference. All bounds are per process and round.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Sample = TypeVar("Sample")

MAX_KEYS = 200
SAMPLES_PER_KEY = 3
MAX_SAMPLES = 30
DELAY = 2.0
"""Seconds between the first refusal and the round that writes it down, at least."""
PAUSE_PER_COST = 50.0
"""A round that took long is followed by a pause of so many times its CPU: explaining takes 2% of a core at most."""
LONGEST_DELAY = 8.0
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
        self._one_round = threading.Lock()
        self._noted: dict[tuple[int, str], Noted[Sample]] = {}
        self._samples = 0
        self._planned_at: float | None = None
        self._cost = 0.0
        self._closed = False
        self._timer: threading.Timer | None = None

    def note(self, key: tuple[int, str], sample: Sample | None) -> bool:
        """Count one refusal, None for one that is not worth keeping; True when the caller is to plan the next round."""
        with self._lock:
            if self._closed or (key not in self._noted and len(self._noted) >= MAX_KEYS):
                return False
            noted = self._noted.setdefault(key, Noted())
            noted.count += 1
            if sample is not None and len(noted.samples) < SAMPLES_PER_KEY and self._samples < MAX_SAMPLES:
                noted.samples.append(sample)
                self._samples += 1
            return self._plan_next()

    def wants_round(self) -> bool:
        """After a round: whether something was noted meanwhile, so that the caller is to plan the next one."""
        with self._lock:
            return bool(self._noted) and self._plan_next()

    def _plan_next(self) -> bool:
        now = self._clock()
        if self._one_round.locked() or (self._planned_at is not None and now - self._planned_at < OVERDUE):
            return False
        self._planned_at = now
        return True

    @contextmanager
    def round(self) -> Iterator[Sequence[tuple[tuple[int, str], Noted[Sample]]]]:
        """All that was noted since the last round. One round at a time; none is planned while one runs."""
        with self._one_round:
            with self._lock:
                noted, self._noted = self._noted, {}
                self._samples = 0
                self._planned_at = None
            begun = time.thread_time()
            try:
                yield list(noted.items())
            finally:
                self._cost = time.thread_time() - begun

    @property
    def delay(self) -> float:
        """Seconds until the next round, by what the last one has cost."""
        return min(max(DELAY, PAUSE_PER_COST * self._cost), LONGEST_DELAY)

    def plan(self, work: Callable[[], object]) -> None:
        """Have a thread of this process do ``work`` after the :attr:`delay`, if it still lives by then."""
        timer = threading.Timer(self.delay, work)
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
