"""The only job a worker runs: ``answer_session`` with one number.

RQ imports any dotted name that a job carries, for the job itself and for its callbacks, and it posts to any address
in the job's webhooks. So anyone who can write to Redis could run code in the process that holds the encryption keys.
:class:`AnswerJob` ignores all of that. A job that is not ours is put among the failed jobs, logged and counted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.utils import import_attribute

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.event_log import EventLog
from illumichat_sms_plugin.job_queue.queue import ANSWER_JOB, FAILED_JOB_TTL, SERIALIZER, foreign_jobs_key

EVENTS = EventLog(level=logging.ERROR)
"""For this process. It limits how often a line is logged; the count in Redis includes every job."""

MAX_DATA = 4096
"""Bytes of a job's packed data. Ours has a few hundred; a larger one is not unpacked."""
KEPT_FIELDS = frozenset(
    {
        *("data", "origin", "status", "description", "worker_name", "timeout"),
        *("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat", "ttl"),
    }
)
"""The fields that are read from a job's hash. Our jobs have no callbacks, webhooks, retries, repeats or dependencies."""
CODE_FIELDS = ("success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks")


class ForeignJob(SmsError):  # noqa: N818 - an error says what happened
    """A job that is not ours was in the queue. It does not run."""


class AnswerJob(Job):
    """A job that can only be :data:`ANSWER_JOB`, whatever is in Redis."""

    foreign: str | None = None
    """Why this is no job of ours."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, SERIALIZER)  # never pickle, whoever asks for it

    def restore(self, raw_data: Any) -> None:
        """Read only the harmless fields. :attr:`foreign` says why, when the hash holds more than we put there."""
        found = {key.decode("utf-8", "replace"): value for key, value in dict(raw_data).items()}
        if "data" not in found:
            raise NoSuchJobError("A job without data.")
        kept = {key.encode(): value for key, value in found.items() if key in KEPT_FIELDS}
        reason = None
        if len(found["data"]) > MAX_DATA:
            reason, kept[b"data"] = "its data are too long", b"null"
        try:
            super().restore(kept)
        except Exception:  # noqa: BLE001 - a job must not stop the worker by the form of its hash
            super().restore({b"data": b"null", b"origin": found.get("origin", b"")})
            reason = "it cannot be read"
        self.failure_ttl = FAILED_JOB_TTL
        self.result_ttl = 0
        self.foreign = reason or _code_in(found) or self._why_foreign()

    def _why_foreign(self) -> str | None:
        try:
            name, instance, args, kwargs = self.func_name, self.instance, self.args, self.kwargs
        except Exception:  # noqa: BLE001 - RQ's own, and what a hostile number or text makes of JSON
            return "it cannot be read"
        if name != ANSWER_JOB:
            return f"it names {str(name)[:100]!r}"
        if instance is not None or kwargs or not isinstance(args, (list, tuple)) or len(args) != 1:
            return "it has other arguments than one number"
        if type(args[0]) is not int or not 0 < args[0] < 2**63:
            return "its argument is not a session's number"
        return None

    @property
    def func(self) -> Any:
        """The answer job's function; ForeignJob for anything else."""
        self.foreign = self.foreign or self._why_foreign()
        if self.foreign:
            raise ForeignJob(f"Not a job of ours: {self.foreign}.")
        return import_attribute(ANSWER_JOB)


def _code_in(found: Mapping[str, bytes]) -> str | None:
    carried = [name for name in CODE_FIELDS if found.get(name) not in (None, b"", b"[]")]
    return f"it carries {' and '.join(carried)}" if carried else None


class OnlyAnswers:
    """For RQ's workers, beside their own class: run :class:`AnswerJob` and nothing else."""

    job_class = AnswerJob
    connection: Any

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run the job. A foreign one fails and stays among the failed jobs for a day.

        It is noted here, before RQ's forking worker forks: each child would start counting from zero.
        """
        if job.foreign:
            self._note(job, queue)
        super().execute_job(job, queue)  # type: ignore[misc]

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """Let RQ report a failed job, except a foreign one, which has been reported already."""
        if not job.foreign:
            super().handle_exception(job, *exc_info)  # type: ignore[misc]

    def _note(self, job: Any, queue: Any) -> None:
        EVENTS.write(
            "foreign_job",
            "set_aside",
            queue=queue.name,
            job=str(job.id)[:64],
            why=job.foreign,
        )
        with suppress(RedisError, OSError):
            self.connection.incr(foreign_jobs_key(queue.name))
