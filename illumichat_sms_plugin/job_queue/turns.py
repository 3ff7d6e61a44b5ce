"""Which sessions wait for a worker, and whose turn is next.

A job in RQ's queue is a turn: one conversation may begin. Which one is decided when a worker begins the job. So there
are as many jobs as waiting sessions, a session waits once however often it is enqueued, and a channel with a thousand
waiting sessions does not hold up another channel's: see docs/decisions/fair-shares.md.

    illumichat-sms:turns:<queue>:channels        sorted set: channels with waiting sessions, by when they last had a turn
    illumichat-sms:turns:<queue>:waiting:<id>    sorted set: a channel's waiting sessions, by when they came
    illumichat-sms:turns:<queue>:open            sorted set: jobs whose turn has not begun, by when they were added
    illumichat-sms:turns:<queue>:missed          sorted set: of these the ones that no queue has, by when that was seen
    illumichat-sms:turns:<queue>:begun           sorted set: sessions whose turn has just begun, by when

Each step is one script: one round trip, and nobody sees it half done. All of it may be lost at any time, because the
database knows what is undone (services/reconcile/sweep_sessions.py).
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis import Redis

TURN = "sms-turn-"
"""The id of every job that is a turn starts with this. A job of version 0.1 has an id from RQ and is for its own session."""
CHUNK = 100
"""Sessions that one script adds."""
RQ_PREFIX = os.environ.get("RQ_KEY_PREFIX", "rq")
"""As RQ reads it. RQ is not imported here, because a process that only enqueues does not need it."""

_TIME = "local time = redis.call('TIME'); local now = time[1] * 1000000 + time[2]\n"

_ADD = (
    _TIME
    + """
local queue, queues, ring, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local waiting, job, origin, timeout, failure_ttl, at, missing = unpack(ARGV, 1, 7)
local added = {}
missing = tonumber(missing)
local function turn(id, data, at_score)
  redis.call('HSET', job .. id, 'data', data, 'origin', origin, 'timeout', timeout, 'result_ttl', '0',
    'failure_ttl', failure_ttl, 'created_at', at, 'enqueued_at', at, 'status', 'queued', 'description', 'answer')
  redis.call('RPUSH', queue, id)
  redis.call('ZADD', open, at_score, id)
end
for i = 8, #ARGV, 4 do
  local channel, session, id, data = unpack(ARGV, i, i + 3)
  if redis.call('ZADD', waiting .. channel, 'NX', now + i, session) == 1 then
    turn(id, data, now + i)
    table.insert(added, session)
  elseif missing > 0 then
    turn(id, data, now + i)
    missing = missing - 1
  end
  redis.call('ZADD', ring, 'NX', now, channel)
end
redis.call('SADD', queues, queue)
return added
"""
)

_LOOK = (
    _TIME
    + """
local queue, ring, open, missed, begun = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local waiting, patience = ARGV[1], tonumber(ARGV[2])
local lost = -redis.call('ZCARD', open)
for _, channel in ipairs(redis.call('ZRANGE', ring, 0, -1)) do
  lost = lost + redis.call('ZCARD', waiting .. channel)
end
lost = math.max(lost, 0)
local taken = redis.call('ZCARD', open) - redis.call('LLEN', queue)
if taken > 0 then
  for _, id in ipairs(redis.call('ZRANGE', open, 0, math.min(taken, 1000) - 1)) do
    redis.call('ZADD', missed, 'NX', now, id)
    if redis.call('ZSCORE', missed, id) + patience < now then
      redis.call('ZREM', open, id)
      lost = lost + 1
    end
  end
end
for _, id in ipairs(redis.call('ZRANGE', missed, 0, -1)) do
  if not redis.call('ZSCORE', open, id) then redis.call('ZREM', missed, id) end
end
local found = {lost}
for i = 3, #ARGV, 3 do
  local channel, session, retried = unpack(ARGV, i, i + 2)
  local since = retried == '0' and redis.call('ZSCORE', begun, session)
  if not redis.call('ZSCORE', waiting .. channel, session) and not (since and since + patience > now) then
    table.insert(found, (i - 3) / 3)
  end
end
return found
"""
)

_TAKE = (
    _TIME
    + """
local ring, begun, waiting, patience = KEYS[1], KEYS[3], ARGV[1], tonumber(ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[3])
redis.call('ZREMRANGEBYSCORE', begun, '-inf', now - patience)
local running = {}
for i = 4, #ARGV, 2 do running[ARGV[i]] = tonumber(ARGV[i + 1]) end
while true do
  local chosen, fewest
  for _, channel in ipairs(redis.call('ZRANGE', ring, 0, (#ARGV - 3) / 2)) do
    local count = running[channel] or 0
    if not fewest or count < fewest then chosen, fewest = channel, count end
    if count == 0 then break end
  end
  if not chosen then return nil end
  local session = redis.call('ZPOPMIN', waiting .. chosen)[1]
  if redis.call('EXISTS', waiting .. chosen) == 1 then
    redis.call('ZADD', ring, now, chosen)
  else
    redis.call('ZREM', ring, chosen)
  end
  if session then
    redis.call('ZADD', begun, now, session)
    return {session, chosen}
  end
end
"""
)


class Waiting(NamedTuple):
    """A session that needs a turn, and the channel whose share it counts towards."""

    session_id: int
    channel_id: int
    retried: bool = False
    """Its last try failed, and the pause after it is over."""


class Turns:
    """The scripts for one queue. Every method may raise RedisError."""

    def __init__(
        self, client: Redis, queue: str, job: str, *, timeout: int, failure_ttl: int, patience: float
    ) -> None:
        """``patience`` is how many seconds a worker has from taking a job to having the session's lease."""
        self._job = job
        own = f"illumichat-sms:turns:{queue}"
        self._queue = f"{RQ_PREFIX}:queue:{queue}"
        self._ring = f"{own}:channels"
        self._open = f"{own}:open"
        self._missed = f"{own}:missed"
        self._begun = f"{own}:begun"
        self._patience = int(patience * 1_000_000)
        self._line = f"{own}:waiting:"
        self._fixed = (self._line, f"{RQ_PREFIX}:job:", queue, timeout, failure_ttl)
        self._add = client.register_script(_ADD)
        self._look = client.register_script(_LOOK)
        self._take = client.register_script(_TAKE)

    def add(self, waiting: Iterable[Waiting], *, missing: int = 0) -> list[int]:
        """Let sessions wait for a turn; returns those that were not waiting.

        For the first ``missing`` of those that were, another turn is added.
        """
        at = f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        jobs = [part for session in waiting for part in self._job_for(session)]
        keys = (self._queue, f"{RQ_PREFIX}:queues", self._ring, self._open)
        added: Sequence[bytes] = self._add(keys=keys, args=(*self._fixed, at, missing, *jobs))
        return [int(session) for session in added]

    def sweep(self, sessions: Sequence[Waiting]) -> list[int]:
        """Add the sessions that are not waiting, and as many turns as were lost; returns the sessions.

        RQ hands out jobs in the order in which they came. So the oldest of the turns that have not begun are those that
        a worker has taken from the queue, and one that has not begun after ``patience`` never will. A session whose turn
        began within that time is being answered or has been: the caller read the database before that.
        """
        parts = [part for s in sessions for part in (s.channel_id, s.session_id, int(s.retried))]
        keys = (self._queue, self._ring, self._open, self._missed, self._begun)
        lost, *places = self._look(keys=keys, args=(self._line, self._patience, *parts))
        absent = set(places)
        waiting = [session for place, session in enumerate(sessions) if place not in absent]
        added: list[int] = []
        for some in _chunks([sessions[place] for place in places]):
            added += self.add(some)
        for some in _chunks(waiting[:lost]):
            added += self.add(some, missing=len(some))
        return added

    def _job_for(self, waiting: Waiting) -> tuple[Any, ...]:
        """A job that a worker of any version can run: it also names the session."""
        call = json.dumps([self._job, None, [waiting.session_id], {}])
        job_id = f"{TURN}{waiting.session_id}-{secrets.token_hex(6)}"
        return waiting.channel_id, waiting.session_id, job_id, zlib.compress(call.encode(), 1)

    def take(self, job_id: str, running: Mapping[int, int]) -> Waiting | None:
        """Begin the turn ``job_id``: whose it is, None when nobody waits.

        ``running`` counts the caller's conversations by channel. The channel with the fewest is next; of several, the one
        that has waited longest for a turn. Of its sessions, the one that has waited longest is taken.
        """
        counts = [part for item in running.items() for part in item]
        taken = self._take(
            keys=(self._ring, self._open, self._begun), args=(self._line, self._patience, job_id, *counts)
        )
        return Waiting(int(taken[0]), int(taken[1])) if taken else None


def _chunks(sessions: Sequence[Waiting]) -> Iterator[Sequence[Waiting]]:
    """So small that Redis finishes each within the time that a webhook would wait."""
    for at in range(0, len(sessions), CHUNK):
        yield sessions[at : at + CHUNK]
