"""The threads of ``flask sms worker`` and what Redis may forget about them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, current_app

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue import JobQueue, worker
from illumichat_sms_plugin.jobs import answer_session as answer_job_module
from tests.faults.processes import wait_until
from tests.faults.stores import Valkey
from tests.support.apps import KEY, PUBLIC_URL

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
    thread = threading.Thread(target=worker._work_until, args=(Flask("host"), jobs, stopping, worker.News()))
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


def test_an_outage_is_told_once_by_all_threads_and_again_after_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    news, clock = worker.News(), [0.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: clock[0])
    for clock[0], words, told in (
        (0, "away", True),
        (0, "away", False),
        (1, "full", True),
        (59, "away", False),
        (60, "away", True),
        (60.5, "full", False),
    ):
        assert news.is_new(words) is told, (clock, words)


def test_an_outage_names_the_setting_and_not_the_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "RESTART_PAUSE", 0.01)
    with socket.socket() as nobody:  # it is bound, so no other process takes the port, and does not listen
        nobody.bind(("127.0.0.1", 0))
        url = f"redis://:hunter2@127.0.0.1:{nobody.getsockname()[1]}/0"
        away = JobQueue(Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=url))
        stopping, news = threading.Event(), worker.News()
        threads = [
            threading.Thread(target=worker._work_until, args=(Flask("host"), away, stopping, news))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        wait_until("it is told", lambda: "every second" in caplog.text)
        stopping.set()
        for thread in threads:
            thread.join(20)
    assert caplog.text.count("nothing listens at its address, which is in SMS_REDIS_URL") == 1
    assert "hunter2" not in caplog.text
