"""The worker class for hosts that run RQ's own command.

    FLASK_APP=yourapp rq worker --worker-class illumichat_sms_plugin.job_queue.rq_worker.AnswerWorker sms

Without it, ``rq worker`` runs whatever a job names and reads pickles.
"""

from __future__ import annotations

from typing import Any

from rq import Queue, Worker

from illumichat_sms_plugin.job_queue.answer_job import AnswerJob, OnlyAnswers
from illumichat_sms_plugin.job_queue.queue import SERIALIZER


class AnswerWorker(OnlyAnswers, Worker):
    """RQ's forking worker, for answer jobs only. It ignores the options for the job class and the serializer."""

    def __init__(self, queues: Any, *args: Any, **options: Any) -> None:
        given = queues if isinstance(queues, (list, tuple)) else [queues]
        names = [queue.name if isinstance(queue, Queue) else queue for queue in given]
        options |= {"job_class": AnswerJob, "queue_class": Queue, "serializer": SERIALIZER}
        super().__init__(names, *args, **options)
