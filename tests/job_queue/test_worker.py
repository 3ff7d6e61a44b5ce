"""The threads of ``flask sms worker`` and what Redis may forget about them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, current_app

from illumichat_sms_plugin.job_queue import JobQueue, worker
from illumichat_sms_plugin.jobs import answer_session as answer_job_module
from tests.faults.processes import wait_until
from tests.faults.stores import Valkey

DONE: list[str] = []


def note(session_id: int) -> None:
    """In place of answering; it needs an app context, too."""
    DONE.append(f"{session_id} in {current_app.name}")


@pytest.fixture
def working(jobs: JobQueue, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread of a worker at work, which looks after itself every second."""
    monkeypatch.setattr(worker, "MAINTENANCE_INTERVAL", 1)
    monkeypatch.setattr(worker, "RESTART_PAUSE", 0.1)
    monkeypatch.setattr(answer_job_module, "answer_session", note)
    DONE.clear()
    stopping = threading.Event()
    thread = threading.Thread(target=worker._work_until, args=(Flask("host"), jobs, stopping))
    thread.start()
    wait_until("the worker is registered", lambda: jobs.workers() == 1)
    yield
    stopping.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.usefixtures("working")
def test_a_worker_that_redis_forgot_is_listed_again(jobs: JobQueue, valkey: Valkey) -> None:
    """Otherwise the health page would say that nobody works, until the next restart."""
    valkey.flush()
    assert jobs.workers() == 0
    wait_until("the worker is listed again", lambda: jobs.workers() == 1, 20)


@pytest.mark.usefixtures("working")
def test_a_worker_goes_on_after_a_flush(jobs: JobQueue, valkey: Valkey) -> None:
    jobs.answer_session(1, 1)
    wait_until("the first job is done", lambda: len(DONE) == 1, 20)
    valkey.flush()
    jobs.answer_session(2, 1)
    wait_until("the second job is done", lambda: len(DONE) == 2, 20)
    assert DONE == ["1 in host", "2 in host"]


@pytest.mark.usefixtures("working")
def test_a_worker_outlives_redis(jobs: JobQueue, valkey: Valkey) -> None:
    valkey.stop()
    valkey.start()
    wait_until("the worker is listed again", lambda: jobs.workers() == 1, 20)
    wait_until("a job is taken", lambda: jobs.answer_session(3, 1), 10)
    wait_until("a job is done", lambda: DONE, 20)
