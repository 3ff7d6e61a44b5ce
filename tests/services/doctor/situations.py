"""What the tests of several checks bring about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from rq import SimpleWorker

from illumichat_sms_plugin.job_queue.queue import SERIALIZER
from illumichat_sms_plugin.runtime import current_runtime
from tests.support.channels import run_jobs
from tests.support.twilio_requests import NUMBER, TEXTER

UNKNOWABLE = {"worker_alive"}
"""No worker listens in these tests unless one is put there."""


@contextmanager
def a_worker(app: Flask) -> Iterator[None]:
    """A worker that is registered and idle."""
    with app.app_context():
        queue = current_runtime().queue.rq_queue(timeout=5)
    worker = SimpleWorker(
        [queue], connection=queue.connection, serializer=SERIALIZER, job_class=queue.job_class
    )
    worker.register_birth()
    try:
        yield
    finally:
        worker.register_death()


def text(twilio: Any, body: str = "What are your opening hours?", **how: Any) -> Any:
    return twilio.text(TEXTER, NUMBER, body, **how)


def converse(app: Flask, twilio: Any) -> None:
    """A text, its answer, and its delivery, all by way of the public address."""
    text(twilio)
    run_jobs(app)
    twilio.wait_idle()
