"""What the launcher's tests share: processes that can be watched, and a bound for every wait."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.launcher.crew import Crew
from demo.launcher.data_folder import DataFolder
from demo.launcher.stop_signals import StopSignals


def wait_until(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait for ``condition``; fail when it has not come true after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def signals() -> Iterator[StopSignals]:
    with StopSignals() as entered:
        yield entered


@pytest.fixture
def crew(folder: DataFolder, signals: StopSignals) -> Iterator[Crew]:
    made = Crew(folder, signals)
    yield made
    made.stop()


@pytest.fixture
def env() -> dict[str, str]:
    return dict(os.environ)
