"""``flask sms worker``, plain ``rq worker`` and a web beside them as real processes on a real queue."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from tests.faults.stores import free_port
from tests.support.apps import KEY
from tests.support.channels import change, inbound, outbound, sessions
from tests.support.commands import Command
from tests.support.twilio_requests import TEXTER, text_in

ROOT = Path(__file__).parent.parent.parent
FLASK = (sys.executable, "-m", "flask", "--app", "tests.support.worker_app")
Start = Callable[..., "subprocess.Popen[bytes] | Command"]


@pytest.fixture
def environment(texting: Flask, database_url: str, redis_url: str, twilio: Any) -> dict[str, str]:
    """What processes need to work beside ``texting``."""
    return {
        **os.environ,
        "TEST_DATABASE": database_url,
        "SMS_REDIS_URL": redis_url,
        "SMS_TWILIO_API_URL": twilio.url,
        "SMS_ENCRYPTION_KEYS": KEY,
        "FLASK_APP": "tests.support.worker_app",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def in_shell(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start a program as from a shell; its log is ``0.log``."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{len(running)}.log").open("w") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait(10)


@pytest.fixture
def flask(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start a command of the app, with more in its environment; whatever is left is killed."""
    logs = (tmp_path / f"flask-{n}.log" for n in itertools.count())
    with ExitStack() as running:

        def start(*words: str, **more: str) -> Command:
            return running.enter_context(Command(words, environment | more, next(logs)))

        yield start


def wait_for(condition: Callable[[], object], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answered(app: Flask) -> int:
    return sum(row.send_state == "accepted" for row in outbound(app))


def test_a_worker_answers_and_sigterm_ends_it(texting: Flask, in_shell: Start) -> None:
    worker = in_shell(*FLASK, "sms", "worker", "--concurrency", "2")
    text_in(texting)
    wait_for(lambda: answered(texting) == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0


def test_many_conversations_are_answered_at_once(texting: Flask, flask: Start) -> None:
    """Twelve answers of two seconds each, one after the other, would take 24 seconds."""
    flask("sms", "worker", "--concurrency", "12", TEST_ASSISTANT_DELAY="2")
    text_in(texting, From="+15557650000")
    wait_for(lambda: answered(texting) == 1)
    for n in range(12):
        text_in(texting, From=f"+155576501{n:02}")
    began = time.monotonic()
    wait_for(lambda: answered(texting) == 13)
    assert time.monotonic() - began < 15


def test_sigterm_lets_running_answers_finish(texting: Flask, twilio: Any, flask: Start) -> None:
    worker = flask("sms", "worker", "--concurrency", "2", TEST_ASSISTANT_DELAY="2")
    text_in(texting)
    wait_for(lambda: sessions(texting)[0].attempts == 1)  # the assistant is being asked
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert [m.body for m in twilio.messages(to=TEXTER, created_by="api")] == ["We are open from 9 to 17."]
    assert inbound(texting)[0].answer_id


def test_a_plain_rq_worker_runs_the_same_jobs(
    texting: Flask, redis_url: str, in_shell: Start, tmp_path: Path
) -> None:
    text_in(texting)
    worker_class = "illumichat_sms_plugin.job_queue.rq_worker.AnswerWorker"
    worker = (sys.executable, "-m", "rq.cli", "worker", "--url", redis_url, "--worker-class", worker_class)
    rq = in_shell(*worker, "--burst", "sms")
    assert rq.wait(40) == 0, (tmp_path / "0.log").read_text()
    assert answered(texting) == 1, (tmp_path / "0.log").read_text()


def test_housekeeping_runs_until_sigterm(texting: Flask, flask: Start) -> None:
    from tests.support.channels import sql

    keeper = flask("sms", "housekeeping")
    wait_for(lambda: sql(texting, "SELECT count(*) FROM sms_heartbeats").scalar() == 1)
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(15) == 0


@pytest.mark.slow
def test_twenty_workers_go_over_a_limit_by_one_text_at_most(texting: Flask, flask: Start) -> None:
    """Five conversations at once in each of four processes, and what they send is counted for all together."""
    limit, texters = 7, 40
    change(texting, segments_per_day=limit)
    workers = [flask("sms", "worker", "--concurrency", "5", TEST_ASSISTANT_DELAY="0.2") for _ in range(4)]
    for number in range(texters):
        text_in(texting, From=f"+1555765{number:04}")
    wait_for(lambda: all(row.answer_id or row.no_reply_reason for row in inbound(texting)), 120)
    wait_for(lambda: all(row.send_state != "sending" for row in outbound(texting)), 60)
    assert all(worker.poll() is None for worker in workers)
    assert sum(row.segments for row in outbound(texting) if row.send_state == "accepted") == limit
    assert [row.no_reply_reason for row in inbound(texting)].count("paused") == texters - limit


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pause_holds_in_every_process_within_two_seconds(texting: Flask, twilio: Any, flask: Start) -> None:
    """A web and a worker that know the channel, and four ways to pause it, by hand also while the assistant thinks."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    flask("run", "--port", str(port), TEST_VISITOR="admin")
    flask("sms", "worker", "--concurrency", "4", TEST_ASSISTANT_DELAY="0.5")
    wait_for(lambda: is_up(url))

    def at(path: str) -> None:
        requests.post(f"{url}{path}", timeout=30, allow_redirects=False).raise_for_status()

    def command(*words: str) -> None:
        assert flask("sms", *words).wait(60) == 0

    for number, (say, where, by_hand) in enumerate(
        (
            (at, "/sms/ast_support/settings/{}", True),
            (at, "/api/sms/config/ast_support/{}", True),
            (command, "{} ast_support", False),
            (command, "{} --all", False),
        )
    ):
        pause, resume = (partial(say, *where.format(word).split()) for word in ("pause", "resume"))
        before_and_after(texting, twilio, url, number, think=by_hand, pause=pause, resume=resume)


def before_and_after(
    app: Flask,
    twilio: Any,
    url: str,
    number: int,
    *,
    think: bool,
    pause: Callable[[], None],
    resume: Callable[[], None],
) -> None:
    """A texter is answered, not answered during the pause, and answered again."""
    texter, expected = f"+155576502{number:02}", 2 * number + 1
    text_in(app, "Hello", From=texter)
    wait_for(lambda: answered(app) == expected)
    page = f"{url}/sms/ast_support/sessions/{sessions(app)[number].id}"
    assert PAUSED not in requests.get(page, timeout=30).text
    if think:
        text_in(app, "When do you open?", From=texter)
        wait_for(lambda: sessions(app)[number].attempts == 1)
    pause()
    wait_for(lambda: PAUSED in requests.get(page, timeout=30).text, 2)
    text_in(app, "Anybody there?", From=texter)
    wait_for(lambda: all(row.answer_id or row.no_reply_reason for row in inbound(app)))
    paused = [row.no_reply_reason for row in inbound(app)].count("paused")
    assert paused == PAUSED_SO_FAR[number]
    assert answered(app) == len(twilio.messages(created_by="api")) == expected
    resume()
    text_in(app, "And now?", From=texter)
    wait_for(lambda: answered(app) == expected + 1)


PAUSED = "Sending is paused"
PAUSED_SO_FAR = (2, 4, 5, 6)
"""Two texts by hand, one by command."""


def is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/sms/health", timeout=5).ok
    except requests.ConnectionError:
        return False
