"""Tell every process that a channel has changed, through one key in Redis.

A process that keeps channels in memory looks at the key when a request comes in, at most once in ``LOOK_EVERY``.
So it accepts a token that was replaced, dropped or disconnected elsewhere for that long at most. Without Redis no
process is told, and each one uses what it has in memory until that expires (``SMS_CHANNEL_CACHE_TTL``).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time

from redis import Redis
from redis.exceptions import RedisError

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue.queue import REST_AFTER_FAILURE, JobQueue
from illumichat_sms_plugin.job_queue.redis_errors import in_words

logger = logging.getLogger("illumichat_sms.queue")

LOOK_EVERY = 1.0
"""Seconds."""


class ChangeSignal:
    """One per process, shared by its threads. Never raises: a change is saved whether others hear of it or not."""

    def __init__(self, settings: Settings, queue: JobQueue) -> None:
        self._key = f"illumichat-sms:{settings.queue}:channels"
        self._timeout = settings.redis_timeout
        self._queue = queue
        self._client: Redis | None = None
        self._lock = threading.Lock()
        self._seen: str | None = None
        self._next_look = 0.0
        self._unsent = False

    def send(self) -> None:
        """Tell the others that a channel has changed. If Redis cannot be reached, the next look tells them."""
        self._unsent = True
        try:
            self._say()
        except (RedisError, OSError) as error:
            logger.warning("other processes do not hear of a change yet: %s", in_words(error))

    def heard(self) -> bool:
        """Whether a channel may have changed since the last call; False while Redis cannot be reached.

        One thread looks at a time, and the others do not wait for it.
        """
        if time.monotonic() < self._next_look or not self._lock.acquire(blocking=False):
            return False
        try:
            self._next_look = time.monotonic() + LOOK_EVERY
            return self._look()
        except (RedisError, OSError):
            self._next_look = time.monotonic() + REST_AFTER_FAILURE
            self._seen = None  # a change in the meantime may be missed
            return False
        finally:
            self._lock.release()

    def _look(self) -> bool:
        if self._unsent:
            self._say()
        before, found = self._seen, self._redis().get(self._key)
        self._seen = found.decode("ascii", "replace") if isinstance(found, bytes) else ""
        return before != self._seen

    def _say(self) -> None:
        self._redis().set(self._key, secrets.token_hex(8))
        self._unsent = False

    def _redis(self) -> Redis:
        if self._client is None:
            self._client = self._queue.connection(timeout=self._timeout)
        return self._client
