"""What a piece of work costs, on a machine that does other things too."""

from __future__ import annotations

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object], *, tries: int = 3) -> float:
    """Seconds of CPU that ``work`` takes in this thread, the least of some tries.

    Other threads of the process are not counted, and a try may meet the garbage collector.
    """
    return min(_once(work) for _ in range(tries))


def _once(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started
