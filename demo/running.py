"""A demo that runs for a while beside another program: the screenshots, the tests in a browser."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.launcher.options import ROOT

READY = "The demo is running"
ENDS_WITHIN = 30.0
"""Seconds. The launcher gives its processes ten of them."""
PORTS = range(20_000, 32_000, 2)
"""Below the ports that outgoing connections get, which could be taken between the choice and the start."""
OWN_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ILLUMICHAT_PLUGINS", "RUN_CALLED_FROM")
"""With the SMS_ and LLM_ ones: what would make this demo another one than a newcomer's."""


class NotRunning(Exception):  # noqa: N818 - reads as what happened
    """The demo did not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """Where it listens and keeps its data; ``pid`` is the launcher's."""

    host: str
    phones: str
    data_dir: Path
    pid: int


@contextmanager
def running_demo(
    folder: Path, *options: str, ready_within: float = 120.0, **settings: str
) -> Iterator[RunningDemo]:
    """Run ``python -m demo`` on free ports with its data below ``folder``, and with these ``SMS_…``; stop it by SIGTERM at the end.

    Raises NotRunning when it is not ready after ``ready_within`` seconds, or does not end well.
    """
    port = free_port_pair()
    data_dir, said = folder / "data", folder / "output"
    with said.open("w") as output:
        launcher = subprocess.Popen(
            demo_command(port, data_dir, *options),
            cwd=ROOT,
            env=newcomers_environment() | settings,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    try:
        deadline = time.monotonic() + ready_within
        while READY not in said.read_text():
            if launcher.poll() is not None or time.monotonic() > deadline:
                raise NotRunning(said.read_text())
            time.sleep(0.05)
        url = "http://127.0.0.1"
        yield RunningDemo(f"{url}:{port}", f"{url}:{port + 1}", data_dir, launcher.pid)
    finally:
        launcher.send_signal(signal.SIGTERM)
        try:
            code = launcher.wait(timeout=ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            launcher.kill()
            launcher.wait()
            raise
    if code:
        raise NotRunning(said.read_text())


def demo_command(port: int, data_dir: Path, *options: str) -> list[str]:
    """What starts a demo, from the checkout."""
    return [sys.executable, "-m", "demo", "--port", str(port), "--data-dir", str(data_dir), *options]


def newcomers_environment() -> dict[str, str]:
    """The environment without what would make this demo another one than a newcomer's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SMS_", "LLM_")) and name not in OWN_SETTINGS
    }


def free_port_pair() -> int:
    """A port that is free together with the next one; NotRunning when none is found."""
    for port in random.sample(PORTS, 200):
        try:
            with socket.socket() as first, socket.socket() as second:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
        except OSError:
            continue
        return port
    raise NotRunning("No two free ports were found.")
