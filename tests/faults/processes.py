"""Processes that are started, watched, stopped and killed; each writes to a log of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from demo.launcher.child import _end_with_parent


class Process:
    """One process and what it forks. While ``wanted``, the supervisor starts it again when it ends."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.log = folder / f"{name}.log"
        self.wanted = False
        self.starts = 0
        self.running: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def start(self) -> None:
        with self._lock:
            self.wanted = True
            self.starts += 1
            with self.log.open("ab") as log:
                self.running = subprocess.Popen(
                    self.command,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=_end_with_parent(),
                )

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.pid

    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def revive(self) -> None:
        """Start again what ended by itself; as systemd would."""
        with self._lock:
            if self.wanted and not self.alive():
                self.start()

    def end(self, number: int = signal.SIGTERM, timeout: float = 30.0) -> None:
        """Send a signal to the process itself, and SIGKILL to its group when it does not obey."""
        with self._lock:
            self.wanted = False
            if self.alive():
                os.kill(self.pid, number)
        if self.running is None:
            return
        try:
            self.running.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL the process and all it forked; the supervisor starts it again if it is wanted."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def pids(self) -> list[int]:
        """The process and its living children."""
        return [self.pid, *children(self.pid)] if self.alive() else []

    def descriptors(self) -> int:
        """Open files of the process and its children."""
        return sum(_open_files(pid) for pid in self.pids())


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


class Supervisor(threading.Thread):
    """Starts again what ended and is still wanted."""

    def __init__(self, processes: Sequence[Process]) -> None:
        super().__init__(daemon=True)
        self._processes = processes
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(0.2):
            for process in self._processes:
                process.revive()

    def stop(self) -> None:
        self._stopping.set()
        self.join()


def wait_until(
    what: str, condition: Callable[[], object], timeout: float = 60.0, pause: float = 0.05
) -> None:
    """Wait for a condition; AssertionError says what did not come about."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout:.0f} s in vain: {what}"
        time.sleep(pause)


def restart(parts: Sequence[Process], **env: str) -> None:
    """All at once, as a deployment does."""
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(Process.end, parts))
    # Not in those threads: a process ends with the thread that started it.
    for part in parts:
        part.env.update(env)
        part.start()
