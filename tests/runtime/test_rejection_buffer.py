"""Refusals wait in memory, bounded in every direction."""

from __future__ import annotations

import threading

from illumichat_sms_plugin.runtime.rejection_buffer import (
    MAX_KEYS,
    MAX_SAMPLES,
    OVERDUE,
    SAMPLES_PER_KEY,
    RejectionBuffer,
)

KEY = (1, "inbound")


def test_all_are_counted_and_the_first_few_kept() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    for n in range(100):
        buffer.note(KEY, n)
    ((key, noted),) = buffer.take()
    assert (key, noted.count, noted.samples) == (KEY, 100, list(range(SAMPLES_PER_KEY)))
    assert buffer.take() == []


def test_only_the_first_of_a_round_plans_the_next() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    assert [buffer.note(KEY, n) for n in range(3)] == [True, False, False]
    buffer.take()
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
    taken = buffer.take()
    assert len(taken) == MAX_KEYS
    assert sum(len(noted.samples) for _, noted in taken) == MAX_SAMPLES


def test_threads_lose_no_count() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    threads = [threading.Thread(target=lambda: [buffer.note(KEY, 1) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert buffer.take()[0][1].count == 4000


def test_a_closed_one_takes_nothing_and_plans_nothing() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    done: list[int] = []
    buffer.plan(60.0, lambda: done.append(1))
    buffer.close()
    assert not buffer.note(KEY, 1)
    assert buffer.take() == []
    assert done == []


def test_planned_work_is_done_soon() -> None:
    buffer: RejectionBuffer[int] = RejectionBuffer()
    done = threading.Event()
    buffer.plan(0.01, done.set)
    assert done.wait(5.0)
