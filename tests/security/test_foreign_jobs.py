"""Whoever can write to Redis cannot make a worker run anything but the answer job."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.event_log import LINES, EventLog
from illumichat_sms_plugin.job_queue import JobQueue, worker
from illumichat_sms_plugin.job_queue import answer_job as foreign_module
from illumichat_sms_plugin.job_queue.answer_job import AnswerJob
from illumichat_sms_plugin.job_queue.queue import ANSWER_JOB
from illumichat_sms_plugin.jobs import answer_session as answer_job_module
from tests.faults.processes import wait_until
from tests.support.apps import KEY, PUBLIC_URL

ROOT = Path(__file__).parents[2]
RAN: list[int] = []


class Canary:
    """A shell command that leaves a file when it runs, and a pickle that does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.command = f"touch {path}"

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path / "ran")


@pytest.fixture
def jobs(redis_url: str) -> JobQueue:
    return JobQueue(Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=redis_url))


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def working(jobs: JobQueue, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread of ``flask sms worker``, for which answering is noting the session's number."""
    RAN.clear()
    monkeypatch.setattr(foreign_module, "EVENTS", EventLog(level=logging.ERROR))
    monkeypatch.setattr(worker, "MAINTENANCE_INTERVAL", 1)
    monkeypatch.setattr(worker, "RESTART_PAUSE", 0.1)
    monkeypatch.setattr(answer_job_module, "answer_session", RAN.append)
    stopping = threading.Event()
    thread = threading.Thread(target=worker._work_until, args=(Flask("host"), jobs, stopping, worker.News()))
    thread.start()
    yield
    stopping.set()
    thread.join(20)


def put(redis: Redis, job_id: str = "evil", **fields: Any) -> None:
    """Write a job by hand, as somebody would who has nothing but Redis."""
    plain = {"origin": "sms", "status": "queued", "created_at": "2026-11-28T00:00:00.000000Z"}
    redis.hset(f"rq:job:{job_id}", mapping=plain | fields)
    redis.rpush("rq:queue:sms", job_id)
    redis.sadd("rq:queues", "rq:queue:sms")


def call(name: str, *args: Any, **kwargs: Any) -> str:
    return json.dumps([name, None, args, kwargs])


def hostile(canary: Canary) -> dict[str, dict[str, Any]]:
    good = call(ANSWER_JOB, 7)
    return {
        "another function": {"data": call("os.system", canary.command)},
        "another function of ours": {"data": call("illumichat_sms_plugin.encryption.generate_key", 1)},
        "a pickle": {"data": pickle.dumps(("os.system", None, (canary.command,), {}))},
        "a pickle that runs when it is read": {"data": pickle.dumps(canary)},
        "a callback on success": {"data": good, "success_callback_name": "os.system"},
        "a callback on failure": {"data": good, "failure_callback_name": "os.system"},
        "a callback on stopping": {"data": good, "stopped_callback_name": "os.system"},
        "a webhook": {"data": good, "webhooks": json.dumps([{"url": "http://169.254.169.254/"}])},
        "a text": {"data": call(ANSWER_JOB, "7")},
        "true": {"data": call(ANSWER_JOB, True)},
        "a negative number": {"data": call(ANSWER_JOB, -7)},
        "a number beyond the database's": {"data": call(ANSWER_JOB, 2**64)},
        "two numbers": {"data": call(ANSWER_JOB, 7, 8)},
        "none": {"data": call(ANSWER_JOB)},
        "a named argument": {"data": call(ANSWER_JOB, 7, session_id=8)},
        "an instance": {"data": json.dumps([ANSWER_JOB, "x", [7], {}])},
        "no JSON": {"data": "{{{"},
        "JSON of another shape": {"data": "[1, 2]"},
        "very deep JSON": {"data": "[" * 4000},
        "a long one": {"data": call(ANSWER_JOB, "x" * 5000)},
        "a hash that makes no sense": {
            "data": good,
            "timeout": "soon",
            "status": "flying",
            "created_at": "?",
        },
    }


HOSTILE = list(hostile(Canary(Path("/nowhere"))))


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_foreign_job_is_set_aside_logged_and_counted(
    jobs: JobQueue, redis: Redis, canary: Canary, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.ERROR, "illumichat_sms.security")
    put(redis, **hostile(canary)[kind])
    wait_until("it is counted", lambda: jobs.foreign_jobs() == 1, 10)
    jobs.answer_session(9, 1)
    wait_until("the next job is done", lambda: RAN, 20)
    assert RAN == [9]
    assert not canary.path.exists()
    failed = FailedJobRegistry(queue=jobs.rq_queue(timeout=5))
    assert failed.get_job_ids() == ["evil"]
    (line,) = security_lines(caplog)
    assert "event=foreign_job reason=set_aside queue=sms job=evil" in line
    assert len(line) < 400


@pytest.mark.usefixtures("working")
def test_a_flood_of_them_writes_a_bounded_number_of_lines_and_is_counted_in_full(
    jobs: JobQueue, redis: Redis, canary: Canary, caplog: pytest.LogCaptureFixture
) -> None:
    """Each names another function: that opens no new account of lines."""
    for number in range(LINES + 20):
        put(redis, f"evil{number}", data=call(f"os.system{number}", canary.command))
    wait_until("all are counted", lambda: jobs.foreign_jobs() == LINES + 20, 60)
    assert LINES <= len(security_lines(caplog)) <= 2 * LINES  # a minute may have passed


def security_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "illumichat_sms.security"]


@pytest.mark.usefixtures("working")
def test_an_abandoned_job_calls_nothing_back(jobs: JobQueue, redis: Redis, canary: Canary) -> None:
    """RQ's maintenance calls the failure callback of jobs whose worker died, without running the job."""
    put(redis, data=call(ANSWER_JOB, 7), failure_callback_name="os.system", status="started")
    redis.delete("rq:queue:sms")
    registry = StartedJobRegistry(queue=jobs.rq_queue(timeout=5))
    redis.zadd(registry.key, {"evil:execution": 1})
    wait_until("maintenance has found it", lambda: not redis.zcard(registry.key), 20)
    assert not canary.path.exists()


@pytest.mark.usefixtures("working")
def test_what_else_a_hash_can_hold_is_not_read(jobs: JobQueue, redis: Redis, canary: Canary) -> None:
    evil = pickle.dumps(canary)
    put(
        redis,
        data=call(ANSWER_JOB, 7),
        result=evil,
        meta=evil,
        exc_info=evil,
        retries_left="1000",
        repeats_left="9",
    )
    wait_until("it is done", lambda: RAN, 20)
    wait_until("it is gone", lambda: not redis.exists("rq:job:evil"), 10)
    assert RAN == [7]
    assert not canary.path.exists()


def test_a_job_never_reads_pickles_whoever_asks_for_it(redis: Redis) -> None:
    assert AnswerJob("x", redis).serializer is JSONSerializer
    assert AnswerJob("x", redis, serializer="pickle").serializer is JSONSerializer


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["another function", "a pickle that runs when it is read", "a callback on failure"]
)
def test_the_worker_class_for_rqs_own_command_sets_it_aside_too(
    jobs: JobQueue, redis: Redis, redis_url: str, canary: Canary, kind: str
) -> None:
    times = LINES + 5 if kind == "another function" else 1
    for number in range(times):
        put(redis, f"evil{number}", **hostile(canary)[kind])
    done = run_rq(redis_url, "--worker-class", "illumichat_sms_plugin.job_queue.rq_worker.AnswerWorker")
    assert 1 <= done.count("event=foreign_job") <= LINES
    assert jobs.foreign_jobs() == times
    assert not canary.path.exists()


@pytest.mark.slow
def test_without_it_rqs_own_command_runs_what_it_finds(redis: Redis, redis_url: str, canary: Canary) -> None:
    """What the hardening page warns of; should it change, the page can be kinder."""
    queue = Queue("sms", connection=redis, serializer=JSONSerializer)
    queue.enqueue("os.system", canary.command)
    run_rq(redis_url, "--serializer", "rq.serializers.JSONSerializer")
    assert canary.path.exists()


def run_rq(redis_url: str, *options: str) -> str:
    command = [sys.executable, "-m", "rq.cli", "worker", "--url", redis_url, "--burst", *options, "sms"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    return done.stdout + done.stderr
