"""Commands of ``flask``, each in a process of its own that comes from one that has loaded the plugin already.

A start costs a tenth of the two seconds of CPU that it takes to load everything anew. What a process does is the same;
that the commands can be called from a shell is tested beside it.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Self

APP = "tests.support.worker_app"
LOADED = ("flask.cli", "illumichat_sms_plugin.sms_channel", "psycopg", "pytest", APP)
"""What is there before a process begins. Pytest is: a process loads what its parent's main module is."""


@functools.cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


class Command:
    """``flask --app … WORDS`` while it runs, with what the tests use of ``subprocess.Popen``."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._process = _context().Process(target=_run, args=(list(words), dict(env), str(log)), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """The exit code.

        Raises:
            TimeoutExpired: it still ran after ``timeout`` seconds.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired(self._process.name, timeout)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to it."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by force."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it by force, and wait until it has ended."""
        self.kill()
        self.wait(10)


def _run(words: list[str], env: dict[str, str], log: str) -> None:
    """In the new process."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["flask", "--app", APP, *words]
    from flask.cli import main

    main()
