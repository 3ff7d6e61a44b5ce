"""Enqueueing: the queue is a hint and the database the truth.

A job says "one session may be brought up to date". It may be lost, doubled or late without harm. So
enqueueing never raises: housekeeping finds what was missed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue.redis_errors import in_words, is_cluster
from illumichat_sms_plugin.job_queue.turns import RQ_PREFIX, TURN, Turns, Waiting
from illumichat_sms_plugin.redis_address import MakeClient, client_for

if TYPE_CHECKING:
    from rq import Queue

logger = logging.getLogger("illumichat_sms.queue")

ANSWER_JOB = "illumichat_sms_plugin.jobs.answer_session.answer_session"
SERIALIZER = "rq.serializers.JSONSerializer"
"""With pickle, anyone who can write to Redis could run code; see also answer_job.py."""
FAILED_JOB_TTL = 86400
NOBODYS = 0
"""Stands in for a channel's id when a conversation counts towards no channel's share."""
REST_AFTER_FAILURE = 2.0
"""Seconds for which nobody calls Redis after it failed, so that webhooks stay fast. Then one of them tries again."""


def foreign_jobs_key(queue: str) -> str:
    """Where workers count the jobs of others that they have set aside."""
    return f"illumichat-sms:foreign-jobs:{queue}"


_running_job: ContextVar[str | None] = ContextVar("running_job", default=None)


@contextmanager
def running_job(job_id: str) -> Iterator[None]:
    """Run a job in it: by this name it holds its session's turn."""
    token = _running_job.set(job_id)
    try:
        yield
    finally:
        _running_job.reset(token)


def current_job_id() -> str | None:
    """The id of the job that runs in this thread, by our worker or by RQ's own; None outside of one."""
    if job_id := _running_job.get():
        return job_id
    from rq import get_current_job

    job = get_current_job()
    return job.id if job is not None else None


class JobQueue:
    """Enqueues sessions, and says whose turn it is; one per process, shared by its threads.

    Only code that runs or counts workers imports RQ: a webhook needs nothing but Redis.
    """

    def __init__(self, settings: Settings, make_client: MakeClient | None = None) -> None:
        """``make_client`` is the host's, for a Redis that a URL cannot describe."""
        self._settings = settings
        self._make_client = make_client or partial(client_for, settings.redis_url)
        self._cluster: bool | None = None
        self._client: Redis | None = None
        self._turns: Turns | None = None
        self._lock = threading.Lock()
        self._rest_until = 0.0
        self._running: Counter[int] = Counter()
        self._taking = threading.Lock()

    def connection(self, *, timeout: float | None = None) -> Redis:
        """A new client. ``timeout`` (seconds) bounds connecting and each response."""
        return self._make_client(socket_timeout=timeout, socket_connect_timeout=self._settings.redis_timeout)

    def answer_session(self, session_id: int, channel_id: int) -> bool:
        """Ask a worker to bring a session up to date; False when Redis cannot be reached.

        A session that is waiting for a worker is not enqueued again.
        """
        return self._try(lambda turns: turns.add([Waiting(session_id, channel_id)])) is not None

    def sweep(self, sessions: Sequence[Waiting]) -> list[int]:
        """Enqueue those of ``sessions`` that are not in the queue; returns which ones."""
        return (self._try(lambda turns: turns.sweep(sessions)) if sessions else None) or []

    def enqueue_again(self, sessions: Sequence[Waiting]) -> None:
        """Add a turn for each of them, even if it is waiting: a person says that the queue has lost it."""
        self._try(lambda turns: turns.add(sessions, missing=len(sessions)))

    def _try(self, step: Callable[[Turns], list[int]]) -> list[int] | None:
        if not self._may_try():
            return None
        try:
            added = step(self._kept_turns())
        except (RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REST_AFTER_FAILURE
            logger.warning("queue unreachable, housekeeping will catch up: %s", in_words(error))
            return None
        self._rest_until = 0.0
        return added

    @contextmanager
    def turn(self, job_id: str | None, session_id: int) -> Iterator[int | None]:
        """The session that the running job is for, None when nobody waits any more; it counts as running meanwhile.

        A job that is no turn (one of version 0.1, or none at all) is for its own session, and so is a turn when
        Redis cannot say whose it is.
        """
        if job_id is None or not job_id.startswith(TURN):
            yield session_id
            return
        taken = self._take(job_id, session_id)
        try:
            yield taken.session_id if taken else None
        finally:
            if taken:
                with self._taking:
                    self._running -= Counter([taken.channel_id])

    def _take(self, job_id: str, session_id: int) -> Waiting | None:
        """One thread at a time: two threads with the same counts would choose the same channel."""
        with self._taking:
            try:
                taken = self._kept_turns().take(job_id, self._running)
            except (RedisError, OSError):
                taken = Waiting(session_id, NOBODYS)
            if taken:
                self._running[taken.channel_id] += 1
        return taken

    def _may_try(self) -> bool:
        """Always while Redis works. After a failure one thread at a time, once the rest is over."""
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
        """Whether Redis responds within the time that a webhook would wait, and RQ can use it."""
        try:
            return bool(self._kept_client().ping()) and not self.is_cluster()
        except (RedisError, OSError):
            return False

    def is_cluster(self) -> bool:
        """Whether Redis is a Cluster, which RQ cannot use; RedisError when it does not answer. Asked once."""
        if self._cluster is None:
            self._cluster = is_cluster(self._kept_client())
        return self._cluster

    def length(self) -> int | None:
        """Jobs that wait for a worker; None when Redis cannot be reached."""
        try:
            return int(self._kept_client().llen(f"{RQ_PREFIX}:queue:{self._settings.queue}"))
        except (RedisError, OSError):
            return None

    def workers(self) -> int | None:
        """RQ workers that are registered; None when Redis cannot be reached."""
        from rq import Worker

        try:
            return int(Worker.count(queue=self._rq_queue_on(self._kept_client())))
        except (RedisError, OSError):
            return None

    def foreign_jobs(self) -> int | None:
        """Jobs that workers have set aside because they are not ours; None when Redis cannot be reached."""
        try:
            found = self._kept_client().get(foreign_jobs_key(self._settings.queue))
            return int(found or 0)
        except (RedisError, OSError, ValueError):
            return None

    @property
    def job_timeout(self) -> int:
        """Seconds after which RQ gives up on a job: longer than all its bounded waits together."""
        s = self._settings
        thinking = 3 * s.assistant_timeout
        sending = 5 * (s.twilio_connect_timeout + s.twilio_read_timeout) + 30
        return int(thinking + sending + 60)

    def rq_queue(self, timeout: float | None) -> Queue:
        """A new RQ queue on a connection of its own; ``timeout`` as in :meth:`connection`."""
        return self._rq_queue_on(self.connection(timeout=timeout))

    def _rq_queue_on(self, client: Redis) -> Queue:
        from rq import Queue

        from illumichat_sms_plugin.job_queue.answer_job import AnswerJob

        return Queue(self._settings.queue, connection=client, serializer=SERIALIZER, job_class=AnswerJob)

    def _kept_client(self) -> Redis:
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = self.connection(timeout=self._settings.redis_timeout)
        return self._client

    def _kept_turns(self) -> Turns:
        if self._turns is None:
            self._turns = Turns(
                self._kept_client(),
                self._settings.queue,
                ANSWER_JOB,
                timeout=self.job_timeout,
                failure_ttl=FAILED_JOB_TTL,
                patience=self._settings.sweep_after,
            )
        return self._turns
