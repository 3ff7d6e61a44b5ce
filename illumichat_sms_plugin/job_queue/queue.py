"""Enqueueing: the queue is a hint and the database the truth.

A job says "bring session S up to date" and may be lost, doubled or late without harm. So enqueueing
never raises; what is missed, housekeeping finds.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from illumichat_sms_plugin.config import Settings

if TYPE_CHECKING:
    from rq import Queue

logger = logging.getLogger("illumichat_sms.queue")

ANSWER_JOB = "illumichat_sms_plugin.jobs.answer_session.answer_session"
SERIALIZER = "json"
"""Pickle would run code for whoever can write to Redis; see also answer_job.py."""
FAILED_JOB_TTL = 86400
REST_AFTER_FAILURE = 2.0
"""Seconds in which Redis is left alone after it failed, so that webhooks stay fast; then one of them tries."""


def foreign_jobs_key(queue: str) -> str:
    """Where workers count the jobs of other people that they have set aside."""
    return f"illumichat-sms:foreign-jobs:{queue}"


class JobQueue:
    """Enqueues answer jobs; one per process, shared by its threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: Queue | None = None
        self._lock = threading.Lock()
        self._rest_until = 0.0

    def connection(self, *, timeout: float | None = None) -> Redis:
        """A new client; ``timeout`` in seconds bounds connecting and each answer."""
        return Redis.from_url(
            self._settings.redis_url,
            socket_timeout=timeout,
            socket_connect_timeout=self._settings.redis_timeout,
            retry=Retry(NoBackoff(), 0),
        )

    def answer_session(self, session_id: int) -> bool:
        """Ask a worker to bring a session up to date; False when Redis cannot be reached."""
        if not self._may_try():
            return False
        try:
            self._kept_queue().enqueue(
                ANSWER_JOB,
                session_id,
                job_timeout=self.job_timeout,
                result_ttl=0,
                failure_ttl=FAILED_JOB_TTL,
                description=f"answer session {session_id}",
            )
        except (RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REST_AFTER_FAILURE
            logger.warning("queue unreachable, housekeeping will catch up: %s", type(error).__name__)
            return False
        self._rest_until = 0.0
        return True

    def _may_try(self) -> bool:
        """Always while Redis works; after a failure one thread at a time, and not before the rest is over."""
        if not self._rest_until:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._rest_until:
                return False
            if self._rest_until:
                self._rest_until = now + REST_AFTER_FAILURE
            return True

    def ping(self) -> bool:
        """Whether Redis answers, within the time a webhook would wait."""
        try:
            return bool(self._kept_queue().connection.ping())
        except (RedisError, OSError):
            return False

    def length(self) -> int | None:
        """Jobs that wait for a worker; None when Redis cannot be reached."""
        try:
            return int(self._kept_queue().count)
        except (RedisError, OSError):
            return None

    def workers(self) -> int | None:
        """RQ workers that are registered; None when Redis cannot be reached."""
        from rq import Worker

        try:
            return int(Worker.count(queue=self._kept_queue()))
        except (RedisError, OSError):
            return None

    def foreign_jobs(self) -> int | None:
        """Jobs that workers have set aside because they are not ours; None when Redis cannot be reached."""
        try:
            found = self._kept_queue().connection.get(foreign_jobs_key(self._settings.queue))
            return int(found or 0)
        except (RedisError, OSError, ValueError):
            return None

    @property
    def job_timeout(self) -> int:
        """Seconds after which RQ gives a job up: more than all its bounded waits together."""
        s = self._settings
        thinking = 3 * s.assistant_timeout
        sending = 5 * (s.twilio_connect_timeout + s.twilio_read_timeout) + 30
        return int(thinking + sending + 60)

    def rq_queue(self, timeout: float | None) -> Queue:
        """A new RQ queue on a connection of its own; ``timeout`` as in :meth:`connection`."""
        from rq import Queue

        from illumichat_sms_plugin.job_queue.answer_job import AnswerJob

        return Queue(
            self._settings.queue,
            connection=self.connection(timeout=timeout),
            serializer=SERIALIZER,
            job_class=AnswerJob,
        )

    def _kept_queue(self) -> Queue:
        if self._queue is None:
            with self._lock:
                if self._queue is None:
                    self._queue = self.rq_queue(self._settings.redis_timeout)
        return self._queue
