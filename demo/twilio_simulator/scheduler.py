"""Runs things later, on a pool of threads: status steps, callbacks, webhooks, prices."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

log = logging.getLogger(__name__)


class Scheduler:
    """A timer thread and a pool. Work of the background (prices) is not waited for by :meth:`wait_idle`."""

    def __init__(self, threads: int = 64) -> None:
        self._threads = threads
        self._lock = threading.Condition()
        self._heap: list[tuple[float, int, bool, Callable[[], Any]]] = []
        self._order = itertools.count()
        self._waiting = 0
        self._pool: ThreadPoolExecutor | None = None
        self._timer: threading.Thread | None = None
        self.stopping = threading.Event()

    def start(self) -> None:
        """Start the threads; what was scheduled before runs when it is due."""
        self.stopping.clear()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="twilio-simulator")
        self._timer = threading.Thread(target=self._run, name="twilio-simulator-timer", daemon=True)
        self._timer.start()

    def stop(self) -> None:
        """Forget what is due later and let what runs come to its end."""
        self.stopping.set()
        with self._lock:
            self._waiting -= sum(1 for _, _, background, _ in self._heap if not background)
            self._heap.clear()
            self._lock.notify_all()
        if self._timer is not None:
            self._timer.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._waiting = 0

    def later(self, delay: float, work: Callable[[], Any], *, background: bool = False) -> None:
        """Run ``work`` after ``delay`` seconds on the pool."""
        with self._lock:
            if not background:
                self._waiting += 1
            heapq.heappush(self._heap, (time.monotonic() + delay, next(self._order), background, work))
            self._lock.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing but background work is due or running; False after ``timeout`` seconds."""
        with self._lock:
            return self._lock.wait_for(lambda: self._waiting == 0, timeout)

    def _run(self) -> None:
        while not self.stopping.is_set():
            with self._lock:
                if not self._heap:
                    self._lock.wait()
                    continue
                due = self._heap[0][0] - time.monotonic()
                if due > 0:
                    self._lock.wait(due)
                    continue
                _, _, background, work = heapq.heappop(self._heap)
            assert self._pool is not None  # noqa: S101 - the timer runs only after start()
            self._pool.submit(self._work, work, background)

    def _work(self, work: Callable[[], Any], background: bool) -> None:
        try:
            work()
        except Exception:
            log.exception("a task of the Twilio simulator failed")
        finally:
            if not background:
                with self._lock:
                    self._waiting = max(0, self._waiting - 1)
                    self._lock.notify_all()
