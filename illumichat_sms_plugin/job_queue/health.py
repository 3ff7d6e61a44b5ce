"""Whether the queue can be reached and written to, and who works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import RedisError

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.job_queue.queue import JobQueue
from illumichat_sms_plugin.job_queue.redis_errors import CLUSTER, in_words

TIMEOUT = 2.0
"""Seconds for each response of Redis."""
PROBE = "illumichat-sms:doctor"
PROBE_TTL = 10


class QueueUnusable(SmsError):  # noqa: N818 - reads as what is the matter
    """Redis cannot be reached, or accepts no writes."""


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """``workers`` have sent a heartbeat lately; ``seconds_since_beat`` is the age of the newest heartbeat."""

    waiting_jobs: int
    workers: int
    seconds_since_beat: float | None


def look_at_queue(queue: JobQueue) -> QueueHealth:
    """Ping, write, and count jobs and workers; QueueUnusable says what does not work."""
    try:
        rq_queue = queue.rq_queue(timeout=TIMEOUT)
        with rq_queue.connection as connection:
            connection.ping()
            if queue.is_cluster():
                raise QueueUnusable(f"Redis: {CLUSTER}.")
            connection.set(PROBE, "1", ex=PROBE_TTL)  # a full Redis responds to pings and refuses writes
            ages = _ages_of_workers(rq_queue)
            return QueueHealth(rq_queue.count, len(ages), min(ages, default=None))
    except (RedisError, OSError) as error:
        raise QueueUnusable(f"Redis: {in_words(error)}.") from None


def _ages_of_workers(rq_queue: object) -> list[float]:
    """Seconds since the last heartbeat of each worker of the queue. The key of a dead worker expires."""
    from rq import Worker

    now = datetime.now(UTC)
    beats = [worker.last_heartbeat for worker in Worker.all(queue=rq_queue)]  # type: ignore[arg-type]
    return [max((now - beat.astimezone(UTC)).total_seconds(), 0.0) for beat in beats if beat]
