"""An answer asks little of Redis: from the webhook's enqueue to the end of its job."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from illumichat_sms_plugin.job_queue.queue import current_job_id
from illumichat_sms_plugin.job_queue.turns import TURN
from illumichat_sms_plugin.job_queue.worker import ThreadWorker
from illumichat_sms_plugin.runtime import current_runtime
from tests.support.channels import outbound, sessions
from tests.support.counting import redis_commands
from tests.support.twilio_requests import text_in

COMMANDS = 30
ANSWERS = 10

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def work(app: Flask) -> None:
    """All that is in the queue, by the worker of ``flask sms worker``."""
    with app.app_context():
        jobs = current_runtime().queue
        worker = ThreadWorker(app, jobs.rq_queue(timeout=5), threading.Event())
        worker.work(burst=True, logging_level="CRITICAL")


def commands_of(app: Flask, redis_url: str, texts: int) -> int:
    """For so many texts, each of its own sender, with the worker's start and end."""
    already = len(outbound(app))
    before = redis_commands(redis_url)
    for number in range(texts):
        text_in(app, From=f"+1555765{already + number:04}")
    work(app)
    assert len(outbound(app)) == already + texts
    return redis_commands(redis_url) - before


def test_an_answer_takes_at_most_thirty_commands(texting: Flask, twilio: Any, redis_url: str) -> None:
    commands_of(texting, redis_url, 1)
    one = commands_of(texting, redis_url, 1)
    more = commands_of(texting, redis_url, 1 + ANSWERS)
    assert (more - one) / ANSWERS <= COMMANDS


def test_a_job_leaves_nothing_behind(texting: Flask, twilio: Any, redis_url: str) -> None:
    text_in(texting)
    work(texting)
    with Redis.from_url(redis_url) as client:
        left = [key for key in client.scan_iter() if b"job" in key or b"execution" in key or b"wip" in key]
    assert left == []


def test_a_job_whose_worker_died_is_forgotten_by_itself(
    texting: Flask, twilio: Any, host: Any, redis_url: str
) -> None:
    """The session is found by housekeeping; the job's record must not stay for good."""
    expiry: list[int] = []

    def look(request: Any) -> str:
        with Redis.from_url(redis_url) as client:
            expiry.extend(client.ttl(key) for key in client.scan_iter("rq:job:*"))
        return "Yes."

    host.assistants.reply = look
    text_in(texting)
    work(texting)
    assert expiry
    assert all(0 < seconds < 1000 for seconds in expiry)


def test_an_answer_runs_in_the_turn_that_its_job_is(texting: Flask, twilio: Any, host: Any) -> None:
    """Without its name a job would take no turn, and one channel's flood would go before all others."""
    names: list[str | None] = []

    def look(request: Any) -> str:
        names.append(current_job_id())
        return "Yes."

    host.assistants.reply = look
    text_in(texting)
    (session,) = sessions(texting)
    work(texting)
    assert [str(name).rpartition("-")[0] for name in names] == [f"{TURN}{session.id}"]
    assert current_job_id() is None


def test_a_job_that_fails_is_kept_with_its_error(texting: Flask, twilio: Any, host: Any) -> None:
    from sqlalchemy.exc import OperationalError

    def away(request: Any) -> str:
        raise OperationalError("SELECT 1", {}, Exception("the database is away"))

    host.assistants.reply = away
    text_in(texting)
    work(texting)
    with texting.app_context():
        queue = current_runtime().queue.rq_queue(timeout=5)
        (failed,) = queue.failed_job_registry.get_job_ids()
        job = queue.fetch_job(failed)
        assert job is not None
        assert "the database is away" in (job.latest_result().exc_string or "")
        assert queue.connection.ttl(job.key) > 0
