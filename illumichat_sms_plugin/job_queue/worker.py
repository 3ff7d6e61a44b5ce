"""``flask sms worker``: many RQ workers as threads of one process.

Answering is mostly waiting for the assistant, so one thread per conversation is enough. Each thread is
an ordinary RQ worker on the same queue. It runs its jobs itself instead of forking.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import datetime, timedelta
from inspect import signature
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import StopRequested
from rq.timeouts import JobTimeoutException, TimerDeathPenalty
from rq.utils import now

from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.job_queue.answer_job import OnlyAnswers
from illumichat_sms_plugin.job_queue.queue import SERIALIZER, JobQueue, running_job
from illumichat_sms_plugin.job_queue.redis_errors import CLUSTER, in_words

logger = logging.getLogger("illumichat_sms.worker")

WORKER_TTL = 16
"""Seconds. RQ blocks for this minus 15 per dequeue: how long an idle thread takes to notice a stop."""
MAINTENANCE_INTERVAL = 30
BEAT_EVERY = timedelta(seconds=5)
RESTART_PAUSE = 1.0
SAID_EVERY = 60.0
"""Seconds until an outage is logged again. Every thread of the process notices it once a second."""


class ThreadWorker(OnlyAnswers, SimpleWorker):
    """An RQ worker that lives in a thread: no signal handlers, timeouts by timer, an app context per job."""

    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = 5.0

    def __init__(self, app: Flask, queue: Queue, stopping: threading.Event) -> None:
        super().__init__(
            [queue],
            connection=queue.connection,
            serializer=SERIALIZER,
            worker_ttl=WORKER_TTL,
            maintenance_interval=MAINTENANCE_INTERVAL,
            default_result_ttl=0,
            log_job_description=False,
        )
        self._app = app
        self._stopping = stopping
        self._beat_at: datetime | None = None

    def _install_signal_handlers(self) -> None:
        """The main thread handles signals."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ sends three heartbeats around each job. Those that follow at once are left out."""
        if timeout is None and self._beat_at and now() - self._beat_at < BEAT_EVERY:
            return
        super().heartbeat(timeout, pipeline)
        self._beat_at = now()

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Write the state only when it changes."""
        if state != self.get_state():
            super().set_state(state, pipeline)

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run one of our jobs with little bookkeeping. RQ itself handles jobs that fail or are not ours.

        RQ needs 40 commands for what nobody reads of an answer job: executions, registries, results, dependents.
        A job that is lost with its worker does no harm: the database knows what is undone, and the job's hash expires.
        """
        if job.foreign:
            super().execute_job(job, queue)
            return
        job.started_at = now()
        with self.connection.pipeline(transaction=False) as pipeline:
            self.heartbeat(self.get_heartbeat_ttl(job), pipeline=pipeline)
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.expire(job.key, self.get_heartbeat_ttl(job))
            pipeline.execute()
        try:
            timeout = job.timeout or queue.DEFAULT_TIMEOUT
            with (
                self._app.app_context(),
                self.death_penalty_class(timeout, JobTimeoutException, job_id=job.id),  # type: ignore[no-untyped-call]
                running_job(job.id),
            ):
                # Not job.perform(): that of RQ 2 first lets the job's hash live for good.
                job.func(*job.args)
        except Exception:  # noqa: BLE001 - the host's code may raise anything
            self._keep_failed(job, queue)
        else:
            self.connection.delete(job.key)

    def _keep_failed(self, job: Any, queue: Any) -> None:
        """Keep the job among the failed ones for a day, with its error."""
        job.ended_at = now()
        execution = self.prepare_execution(job)
        self.connection.persist(job.key)
        self.handle_exception(job, *sys.exc_info())
        takes_it = (
            "execution" in signature(self.handle_job_failure).parameters
        )  # since RQ 3; before, it is self.execution
        more = {"execution": execution} if takes_it else {}
        self.handle_job_failure(job, queue, exc_string=traceback.format_exc(), **more)

    def perform_job(self, job: Any, queue: Any, *execution: Any) -> bool:
        """Run the job inside an app context of its own."""
        with self._app.app_context():
            done: bool = super().perform_job(job, queue, *execution)
            return done

    def subscribe(self) -> None:
        """Do not open a command channel: it would need a connection and a thread for each conversation."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed."""

    def run_maintenance_tasks(self) -> None:
        """RQ's own tasks. Also register the worker again, in case Redis has lost it."""
        worker_registration.register(self)
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """RQ asks this before each dequeue, so the worker can stop here without holding a job."""
        if self._stopping.is_set():
            raise StopRequested
        due: bool = super().should_run_maintenance_tasks
        return due


def refuse_cluster(jobs: JobQueue) -> None:
    """Raise StartRefused if Redis is a Cluster, which RQ cannot use. A Redis that does not answer yet is waited for later."""
    with suppress(RedisError, OSError):
        if jobs.is_cluster():
            raise StartRefused(f"SMS_REDIS_URL cannot be used: {CLUSTER}.")


def run_worker(app: Flask, jobs: JobQueue, concurrency: int) -> None:
    """Answer ``concurrency`` conversations at once until SIGTERM or SIGINT, then finish those that are running."""
    stopping, news = threading.Event(), News()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    threads = [
        threading.Thread(target=_work_until, args=(app, jobs, stopping, news), name=f"sms-worker-{n}")
        for n in range(concurrency)
    ]
    for thread in threads:
        thread.start()
    logger.info("answering up to %s conversations at once", concurrency)
    while not stopping.wait(1.0):
        pass
    logger.info("stopping: running answers are finished, no new ones are taken")
    for thread in threads:
        thread.join()


class News:
    """Knows what the threads of the process have logged lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def is_new(self, sentence: str) -> bool:
        """Whether no thread has asked about this sentence within SAID_EVERY."""
        with self._lock:
            moment = time.monotonic()
            self._said = {words: at for words, at in self._said.items() if moment - at < SAID_EVERY}
            is_new = sentence not in self._said
            self._said.setdefault(sentence, moment)
            return is_new


def _work_until(app: Flask, jobs: JobQueue, stopping: threading.Event, news: News) -> None:
    """Keep one RQ worker alive in this thread, through outages of Redis too."""
    while not stopping.is_set():
        try:
            worker = ThreadWorker(app, jobs.rq_queue(timeout=None), stopping)
            worker.work(logging_level="WARNING")
        except (RedisError, OSError, StopRequested) as error:
            if news.is_new(words := in_words(error)):
                logger.warning("Redis fails the worker, which tries again every second: %s", words)
        except (
            Exception
        ):  # RQ fails on keys that a flush has deleted, and a thread that ends never comes back
            logger.exception("worker thread starts anew")
        stopping.wait(RESTART_PAUSE)
