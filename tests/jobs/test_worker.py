"""``flask sms worker`` and plain ``rq worker`` as real processes on a real queue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.apps import KEY
from tests.support.channels import change, inbound, outbound, sessions
from tests.support.twilio_requests import TEXTER, text_in

ROOT = Path(__file__).parent.parent.parent
FLASK = [sys.executable, "-m", "flask", "--app", "tests.support.worker_app", "sms"]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(texting: Flask, database_url: str, redis_url: str, twilio: Any, tmp_path: Path) -> Iterator[Start]:
    """Start a process with the environment of ``texting``; whatever is left is killed."""
    running: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "TEST_DATABASE": database_url,
        "SMS_REDIS_URL": redis_url,
        "SMS_TWILIO_API_URL": twilio.url,
        "SMS_ENCRYPTION_KEYS": KEY,
        "FLASK_APP": "tests.support.worker_app",
        "PYTHONPATH": str(ROOT),
    }

    def run(*command: str, **more: str) -> subprocess.Popen[str]:
        log = (tmp_path / f"process-{len(running)}.log").open("w")
        process = subprocess.Popen(
            command, env=environment | more, stdout=log, stderr=subprocess.STDOUT, text=True, cwd=ROOT
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def wait_for(condition: Callable[[], object], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answered(app: Flask) -> int:
    return sum(row.send_state == "accepted" for row in outbound(app))


def test_a_worker_answers_and_sigterm_ends_it(texting: Flask, start: Start) -> None:
    worker = start(*FLASK, "worker", "--concurrency", "2")
    text_in(texting)
    wait_for(lambda: answered(texting) == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0


def test_many_conversations_are_answered_at_once(texting: Flask, start: Start) -> None:
    """Twelve answers of two seconds each, one after the other, would take 24 seconds."""
    start(*FLASK, "worker", "--concurrency", "12", TEST_ASSISTANT_DELAY="2")
    text_in(texting, From="+15557650000")
    wait_for(lambda: answered(texting) == 1)
    for n in range(12):
        text_in(texting, From=f"+155576501{n:02}")
    began = time.monotonic()
    wait_for(lambda: answered(texting) == 13)
    assert time.monotonic() - began < 15


def test_sigterm_lets_running_answers_finish(texting: Flask, twilio: Any, start: Start) -> None:
    worker = start(*FLASK, "worker", "--concurrency", "2", TEST_ASSISTANT_DELAY="2")
    text_in(texting)
    wait_for(lambda: sessions(texting)[0].attempts == 1)  # the assistant is being asked
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert [m.body for m in twilio.messages(to=TEXTER, created_by="api")] == ["We are open from 9 to 17."]
    assert inbound(texting)[0].answer_id


def test_a_plain_rq_worker_runs_the_same_jobs(
    texting: Flask, redis_url: str, start: Start, tmp_path: Path
) -> None:
    text_in(texting)
    rq = start(
        *(
            sys.executable,
            "-m",
            "rq.cli",
            "worker",
            "--url",
            redis_url,
            "--worker-class",
            "illumichat_sms_plugin.job_queue.rq_worker.AnswerWorker",
            "--burst",
            "sms",
        )
    )
    assert rq.wait(40) == 0, (tmp_path / "process-0.log").read_text()
    assert answered(texting) == 1, (tmp_path / "process-0.log").read_text()


def test_housekeeping_runs_until_sigterm(texting: Flask, start: Start) -> None:
    from tests.support.channels import sql

    keeper = start(*FLASK, "housekeeping")
    wait_for(lambda: sql(texting, "SELECT count(*) FROM sms_heartbeats").scalar() == 1)
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(15) == 0


@pytest.mark.slow
def test_twenty_workers_go_over_a_limit_by_one_text_at_most(texting: Flask, start: Start) -> None:
    """Five conversations at once in each of four processes, and what they send is counted for all together."""
    limit, texters = 7, 40
    change(texting, segments_per_day=limit)
    workers = [start(*FLASK, "worker", "--concurrency", "5", TEST_ASSISTANT_DELAY="0.2") for _ in range(4)]
    for number in range(texters):
        text_in(texting, From=f"+1555765{number:04}")
    wait_for(lambda: all(row.answer_id or row.no_reply_reason for row in inbound(texting)), 120)
    wait_for(lambda: all(row.send_state != "sending" for row in outbound(texting)), 60)
    assert all(worker.poll() is None for worker in workers)
    assert sum(row.segments for row in outbound(texting) if row.send_state == "accepted") == limit
    assert [row.no_reply_reason for row in inbound(texting)].count("paused") == texters - limit
