"""The queue is a hint: whatever Redis does, enqueueing neither raises nor holds up a webhook for long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from illumichat_sms_plugin.job_queue import JobQueue, queue
from tests.faults.processes import wait_until
from tests.faults.stores import Valkey

AT_ONCE = 0.2
"""Seconds: less than the wait for Redis (0.4), more than a busy machine takes to return."""


def seconds_of(jobs: JobQueue) -> tuple[float, bool]:
    started = time.monotonic()
    taken = jobs.answer_session(1, 1)
    return time.monotonic() - started, taken


def test_only_the_first_webhook_waits_for_a_redis_that_is_silent(jobs: JobQueue, valkey: Valkey) -> None:
    assert jobs.answer_session(1, 1)
    valkey.pause()
    first, taken = seconds_of(jobs)
    assert not taken
    assert 0.3 < first < 1.0
    following = [seconds_of(jobs) for _ in range(20)]
    assert not any(taken for _, taken in following)
    assert sum(seconds for seconds, _ in following) < AT_ONCE


def test_of_many_threads_one_looks_whether_redis_is_back(
    jobs: JobQueue, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey.pause()
    monkeypatch.setattr(queue, "REST_AFTER_FAILURE", 0.01)
    assert not jobs.answer_session(1, 1)
    wait_until("the rest is over", lambda: time.monotonic() > jobs._rest_until)
    monkeypatch.setattr(queue, "REST_AFTER_FAILURE", 60.0)
    with ThreadPoolExecutor(8) as pool:
        took = sorted(seconds for seconds, _ in pool.map(lambda _: seconds_of(jobs), range(8)))
    assert took[-1] > 0.3, "nobody looked"
    assert took[-2] < AT_ONCE, "more than one waited"


@pytest.mark.parametrize("fault", ["paused", "full"])
def test_soon_after_redis_is_back_jobs_are_enqueued_again(
    jobs: JobQueue, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(queue, "REST_AFTER_FAILURE", 0.3)
    valkey.pause() if fault == "paused" else valkey.limit_memory(1)
    assert not jobs.answer_session(1, 1)
    valkey.resume() if fault == "paused" else valkey.limit_memory(0)
    wait_until("Redis answers", jobs.ping, 10)
    before = jobs.length() or 0
    wait_until("a job is taken", lambda: jobs.answer_session(2, 1), 10)
    assert jobs.answer_session(3, 1), "the rest is over for the next one too"
    assert jobs.length() == before + 2


def test_without_redis_nothing_waits(jobs: JobQueue, valkey: Valkey) -> None:
    valkey.stop()
    seconds, taken = seconds_of(jobs)
    assert not taken
    assert seconds < AT_ONCE
    assert (jobs.ping(), jobs.length(), jobs.workers()) == (False, None, None)


def test_a_redis_that_comes_back_empty_takes_jobs(jobs: JobQueue, valkey: Valkey) -> None:
    assert jobs.answer_session(1, 1)
    valkey.stop()
    valkey.start()
    wait_until("a job is taken", lambda: jobs.answer_session(1, 1), 10)
