"""The only job a worker runs: ``answer_session`` with one number.

RQ imports whatever dotted name a job carries, for the job itself and for its callbacks, and posts to whatever
address its webhooks have. Whoever can write to Redis could so run any code where the encryption keys are. A job read
as :class:`AnswerJob` has nothing of that: what is not ours is set aside among the failed jobs, logged and counted.
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
"""For this process; each line is written at most so often, and the count in Redis has all."""

MAX_DATA = 4096
"""Bytes of a job's packed data; ours has some hundred. More is not unpacked."""
KEPT_FIELDS = frozenset(
    {
        *("data", "origin", "status", "description", "worker_name", "timeout"),
        *("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat", "ttl"),
    }
)
"""What is read of a job's hash. No callbacks, webhooks, retries, repeats and dependencies: our jobs have none."""
CODE_FIELDS = ("success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks")


class ForeignJob(SmsError):  # noqa: N818 - an error says what happened
    """A job that is not ours was in the queue; it does not run."""


class AnswerJob(Job):
    """A job that can be nothing but :data:`ANSWER_JOB`, whatever stands in Redis."""

    foreign: str | None = None
    """Why this is no job of ours."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, SERIALIZER)  # never pickle, whoever asks for it

    def restore(self, raw_data: Any) -> None:
        """Read the few harmless fields; the reason in :attr:`foreign` when more is in there than we put in."""
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
        """Run the job; a foreign one fails, and lies among the failed jobs for a day.

        Noted here, where RQ's forking worker has not forked yet: each child would begin to count anew.
        """
        if job.foreign:
            self._note(job, queue)
        super().execute_job(job, queue)  # type: ignore[misc]

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """RQ's own account of a failed job, but for foreign ones: of them everything is said."""
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
