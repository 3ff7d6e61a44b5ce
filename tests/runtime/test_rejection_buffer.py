"""Refusals wait in memory, bounded in every direction."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from illumichat_sms_plugin.runtime import rejection_buffer
from illumichat_sms_plugin.runtime.rejection_buffer import (
    MAX_KEYS,
    MAX_SAMPLES,
    OVERDUE,
    SAMPLES_PER_KEY,
    RejectionBuffer,
)

KEY = (1, "inbound")


def take(buffer: RejectionBuffer[int]) -> Sequence[tuple[Any, Any]]:
    with buffer.round() as noted:
        return noted


def test_all_are_counted_and_the_first_few_kept() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    for n in range(100):
        buffer.note(KEY, n)
    ((key, noted),) = take(buffer)
    assert (key, noted.count, noted.samples) == (KEY, 100, list(range(SAMPLES_PER_KEY)))
    assert take(buffer) == []


def test_only_the_first_of_a_round_plans_the_next() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    assert [buffer.note(KEY, n) for n in range(3)] == [True, False, False]
    take(buffer)
    assert buffer.note(KEY, 4)


def test_a_round_that_never_came_is_planned_anew() -> None:
    """The process was forked after it was planned: the thread stayed behind."""
    now = 100.0
    buffer: RejectionBuffer[int] = RejectionBuffer(clock=lambda: now)
    assert buffer.note(KEY, 1)
    now += OVERDUE
    assert buffer.note(KEY, 2)


def test_a_flood_over_many_channels_is_bounded() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    for channel in range(10_000):
        buffer.note((channel, "inbound"), channel)
    taken = take(buffer)
    assert len(taken) == MAX_KEYS
    assert sum(len(noted.samples) for _, noted in taken) == MAX_SAMPLES


def test_while_a_round_runs_none_is_planned_and_what_comes_meanwhile_is_kept_for_the_next() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    assert buffer.note(KEY, 1)
    with buffer.round():
        assert not buffer.note(KEY, 2)
        assert not buffer.wants_round()
    assert buffer.wants_round()
    assert not buffer.wants_round(), "it is planned already"
    assert take(buffer)[0][1].samples == [2]


def test_after_a_costly_round_the_next_one_waits_longer_and_not_for_ever() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    assert buffer.delay == rejection_buffer.DELAY
    with buffer.round():
        until = time.thread_time() + 0.1
        while time.thread_time() < until:
            pass
    assert 4.0 < buffer.delay <= rejection_buffer.LONGEST_DELAY < OVERDUE


def test_rounds_do_not_overlap() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    at_work: list[int] = []
    most: list[int] = []

    def work() -> None:
        with buffer.round():
            at_work.append(1)
            most.append(len(at_work))
            threading.Event().wait(0.01)
            at_work.pop()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


def test_what_is_not_worth_keeping_is_counted() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    buffer.note(KEY, None)
    ((_, noted),) = take(buffer)
    assert (noted.count, noted.samples) == (1, [])


def test_threads_lose_no_count() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    threads = [threading.Thread(target=lambda: [buffer.note(KEY, 1) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert take(buffer)[0][1].count == 4000


def test_a_closed_one_takes_nothing_and_plans_nothing() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    done: list[int] = []
    buffer.plan(lambda: done.append(1))
    buffer.close()
    assert not buffer.note(KEY, 1)
    assert take(buffer) == []
    assert done == []


def test_planned_work_is_done_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejection_buffer, "DELAY", 0.01)
    buffer: RejectionBuffer[int] = RejectionBuffer()
    done = threading.Event()
    buffer.plan(done.set)
    assert done.wait(5.0)
