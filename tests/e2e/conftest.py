"""One demo and one browser for all tests here, and visitors who notice what a page does wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.browser import MISSING, chromium, find_chromium
from demo.running import RunningDemo, running_demo
from tests.e2e.processes import alive, descendants
from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROCESSES = ("web", "worker", "housekeeping", "simulator", "valkey")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser. Without one the tests are skipped, but in CI they fail."""
    path = find_chromium()
    if path is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"{MISSING} In CI the browser tests must run.")
        pytest.skip(f"THE BROWSER TESTS DID NOT RUN: {MISSING}")
    return path


@contextmanager
def day_and_night(folder: Path, **settings: str) -> Iterator[RunningDemo]:
    """``./run demo`` as a newcomer starts it, but without a night; when it has ended, nothing that it started may be left."""
    all_day = {"SMS_FIRST_TEXT_FROM": "0", "SMS_FIRST_TEXT_UNTIL": "24"}
    with running_demo(folder, **all_day, **settings) as running:
        yield running
        started = descendants(running.pid)
    assert len(started) >= len(PROCESSES), "the demo lost processes while it ran"
    left = [pid for pid in started if alive(pid)]
    assert not left, f"the demo left processes behind: {left}"


@pytest.fixture(scope="session")
def demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """The demo of all files that do not start one with other settings."""
    with day_and_night(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A browser for the tests of this folder. Not for the whole run: what drives it makes an event loop the thread's own."""
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, demo: RunningDemo) -> Iterator[Callable[..., Visitor]]:
    """Make visitors, each with a browser of their own; what their browsers complained of fails the test."""
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, demo, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.leave()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    if complaints:
        pytest.fail("\n".join(["the browser complained:", *complaints]), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the end of the demo's logs below a failure."""
    report = yield
    running = getattr(item, "funcargs", {}).get("demo")
    if report.failed and isinstance(running, RunningDemo):
        for name in PROCESSES:
            report.sections.append(
                (f"the end of {name}.log", _tail(running.data_dir / "logs" / f"{name}.log"))
            )
    return report


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-25:]) if log.exists() else "no log"
