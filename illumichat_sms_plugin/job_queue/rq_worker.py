"""The worker class for hosts that run RQ's own command.

    FLASK_APP=yourapp rq worker --worker-class illumichat_sms_plugin.job_queue.rq_worker.AnswerWorker sms

Without it, ``rq worker`` runs whatever a job names and reads pickles.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker

from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.job_queue.answer_job import AnswerJob, OnlyAnswers
from illumichat_sms_plugin.job_queue.queue import SERIALIZER
from illumichat_sms_plugin.job_queue.redis_errors import CLUSTER, is_cluster


class AnswerWorker(OnlyAnswers, Worker):
    """RQ's forking worker, for answer jobs only. It ignores the options for the job class and the serializer."""

    def __init__(self, queues: Any, *args: Any, **options: Any) -> None:
        given = queues if isinstance(queues, (list, tuple)) else [queues]
        names = [queue.name if isinstance(queue, Queue) else queue for queue in given]
        of_queues = (queue.connection for queue in given if isinstance(queue, Queue))
        connection = options.get("connection") or next(of_queues, None)
        if connection is not None:
            _refuse_cluster(connection)
        options |= {"job_class": AnswerJob, "queue_class": Queue, "serializer": SERIALIZER}
        super().__init__(names, *args, **options)


def _refuse_cluster(connection: Redis) -> None:
    """Raise StartRefused before RQ fails on it with a traceback. A Redis that does not answer yet is RQ's to wait for."""
    with suppress(RedisError, OSError):
        if is_cluster(connection):
            raise StartRefused(f"The worker cannot use this Redis: {CLUSTER}.")
