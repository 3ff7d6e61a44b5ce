"""Ctrl-C, SIGTERM and a closed terminal, seen by every wait of the launcher and by nothing in between."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Any


class Stopped(Exception):  # noqa: N818 - reads as what happened
    """Somebody asked the demo to stop."""


class StopSignals:
    """While entered, a stop signal is only counted; :meth:`pause` is where it takes effect.

    So it never strikes between starting a process and taking note of it.
    """

    def __init__(self) -> None:
        self.count = 0
        self._read, self._write = -1, -1
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopSignals:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._note)
        if self._before[signal.SIGHUP] == signal.SIG_IGN:  # nohup means: go on
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes rest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._read)
        os.close(self._write)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def rest(self, seconds: float) -> None:
        """Wait at most ``seconds``; a signal, or the end of a process, ends the wait."""
        select.select([self._read], [], [], seconds)
        try:
            os.read(self._read, 4096)
        except BlockingIOError:
            return

    def pause(self, seconds: float) -> None:
        """:meth:`rest`, but raise Stopped when the demo shall stop."""
        if not self.count:
            self.rest(seconds)
        if self.count:
            raise Stopped
