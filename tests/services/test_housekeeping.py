"""Chores run in lanes: none waits for another lane's, and each for its own pause only."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services import housekeeping
from illumichat_sms_plugin.services.housekeeping import Chore, chores, run_until
from tests.faults.processes import wait_until


@contextmanager
def keeping_house(app: Flask, monkeypatch: pytest.MonkeyPatch, *instead: Chore) -> Iterator[None]:
    """Housekeeping at work on these chores."""
    monkeypatch.setattr(housekeeping, "chores", lambda _: instead)
    stopping = threading.Event()

    def run() -> None:
        with app.app_context():
            run_until(current_runtime(), stopping)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
        assert not thread.is_alive()


def counting(counts: Counter[str], name: str, found: int = 0) -> Callable[[Runtime], int]:
    def run(_: Runtime) -> int:
        counts[name] += 1
        return found

    return run


def test_doubt_catch_up_prices_erasing_and_the_sweep_have_a_lane_each(app: Flask) -> None:
    with app.app_context():
        lanes = {chore.name: chore.lane for chore in chores(current_runtime())}
    apart = ("sweep sessions", "settle doubt", "check messages", "catch up", "erase at Twilio")
    assert len({lanes[name] for name in apart}) == len(apart)
    assert all(list(lanes.values()).count(lanes[name]) == 1 for name in apart)


def test_a_lane_that_waits_for_twilio_holds_up_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    released, counts = threading.Event(), Counter[str]()

    def stuck(_: Runtime) -> int:
        counts["stuck"] += 1
        released.wait(30)
        return 0

    doubt = Chore("doubt", counting(counts, "doubt"), 0.0, "doubt")
    with keeping_house(app, monkeypatch, Chore("prices", stuck, 0.0, "prices"), doubt):
        wait_until("doubt is settled meanwhile", lambda: counts["doubt"] >= 3, 30)
        assert counts["stuck"] == 1
        released.set()


def test_after_a_full_round_there_is_no_pause(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Counter[str]()
    full = Chore("full", counting(counts, "full", 50), 3600.0, "full", batch=50)
    rest = Chore("rest", counting(counts, "rest", 49), 3600.0, "rest", batch=50)
    with keeping_house(app, monkeypatch, full, rest):
        wait_until("the full one goes on", lambda: counts["full"] >= 5 and counts["rest"], 30)
    assert counts["rest"] == 1


def test_a_chore_that_fails_is_tried_again_and_stops_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = Counter[str]()

    def failing(_: Runtime) -> int:
        counts["failing"] += 1
        raise RuntimeError

    chores_here = (Chore("failing", failing, 0.0, "one"), Chore("next", counting(counts, "next"), 0.0, "one"))
    with keeping_house(app, monkeypatch, *chores_here):
        wait_until("both go on", lambda: counts["failing"] >= 2 and counts["next"] >= 2, 30)
