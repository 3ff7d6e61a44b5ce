"""RQ still has what is used beyond its documentation; ``job_queue/__init__.py`` lists it."""

from __future__ import annotations

import re

import pytest
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.job import Job

from illumichat_sms_plugin import job_queue
from illumichat_sms_plugin.job_queue.answer_job import OnlyAnswers
from illumichat_sms_plugin.job_queue.worker import ThreadWorker

LISTED = set(re.findall(r"``(\w+)``", (job_queue.__doc__ or "").partition("Beyond")[2]))
OURS = {"_app", "_stopping", "_beat_at", "_note", "_keep_failed"}
"""What our workers have of their own."""


def overridden(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("__")} - OURS


@pytest.mark.parametrize("kind", [ThreadWorker, OnlyAnswers])
def test_all_that_is_overridden_is_there_and_what_is_undocumented_is_listed(kind: type) -> None:
    documented = {"job_class", "death_penalty_class"}
    assert [name for name in overridden(kind) if not hasattr(SimpleWorker, name)] == []
    assert overridden(kind) - documented - LISTED == set()


def test_a_worker_waits_for_its_ttl_less_fifteen_seconds(redis_url: str) -> None:
    queue = Queue(connection=Redis.from_url(redis_url))
    assert Worker([queue], worker_ttl=16).dequeue_timeout == 1


def test_the_keys_are_named_as_the_scripts_name_them(redis_url: str) -> None:
    client = Redis.from_url(redis_url)
    queue = Queue("sms", connection=client)
    assert (queue.key, Queue.redis_queues_keys) == ("rq:queue:sms", "rq:queues")
    assert Job.key_for("7") == "rq:job:7"
    assert queue.intermediate_queue_key.startswith("rq:queue:sms")
