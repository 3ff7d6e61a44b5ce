"""What a piece of work costs, on a machine that does other things too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

LOOP = 100_000
"""Squares that one loop adds up: some milliseconds."""


class Cost(NamedTuple):
    seconds: float
    """Of CPU."""
    loops: float
    """How often :data:`LOOP` squares are added up in that time: nearly the same on every machine."""


def cost(work: Callable[[], object], *, tries: int = 3) -> Cost:
    """What ``work`` costs at least. A try and a loop take turns, so both meet the same machine."""
    pairs = [(_once(work), _once(_loop)) for _ in range(tries)]
    seconds = min(taken for taken, _ in pairs)
    return Cost(seconds, seconds / min(loop for _, loop in pairs))


def cpu_seconds(work: Callable[[], object], *, tries: int = 3) -> float:
    """Seconds of CPU that ``work`` takes in this thread, the least of some tries.

    Other threads of the process are not counted, and a try may meet the garbage collector.
    """
    return min(_once(work) for _ in range(tries))


def _once(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


def _loop() -> int:
    total = 0
    for number in range(LOOP):
        total += number * number
    return total
