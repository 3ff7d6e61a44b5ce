"""A session waits once, and no channel takes more than its share of a worker's conversations."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.connection import AbstractConnection
from rq import Queue

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue import JobQueue
from illumichat_sms_plugin.job_queue.queue import ANSWER_JOB, SERIALIZER, current_job_id
from illumichat_sms_plugin.job_queue.turns import TURN, Turns, Waiting
from illumichat_sms_plugin.jobs import answer_session as answer_job_module
from tests.faults.processes import wait_until
from tests.support.apps import KEY, PUBLIC_URL
from tests.support.channels import Hurried


@pytest.fixture
def client(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


@pytest.fixture
def turns(client: Redis) -> Turns:
    return Turns(client, "sms", ANSWER_JOB, timeout=300, failure_ttl=60, patience=10.0)


@pytest.fixture
def queue(redis_url: str) -> JobQueue:
    return JobQueue(Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=redis_url))


def impatient_queue(redis_url: str) -> JobQueue:
    """The same to somebody who waits a tenth of a second where others wait ten."""
    return JobQueue(
        Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=redis_url, sweep_after=0.1)
    )


def flood(channel: int, count: int, first: int = 0) -> list[Waiting]:
    return [Waiting(first + n, channel) for n in range(count)]


def length(client: Redis) -> int:
    return int(client.llen("rq:queue:sms"))  # type: ignore[arg-type]


# A session is in the queue once


def test_a_session_that_waits_is_not_enqueued_again(queue: JobQueue) -> None:
    for _ in range(5):
        assert queue.answer_session(7, 1)
    assert queue.length() == 1
    assert queue.sweep([Waiting(7, 1), Waiting(8, 1)]) == [8]
    assert queue.length() == 2


def test_a_session_that_has_had_its_turn_may_wait_again(queue: JobQueue, turns: Turns) -> None:
    queue.answer_session(7, 1)
    assert turns.take("", {}) == Waiting(7, 1)
    queue.answer_session(7, 1)
    assert turns.take("", {}) == Waiting(7, 1)
    assert turns.take("", {}) is None


def test_turns_that_were_lost_are_made_up_for(queue: JobQueue, client: Redis, redis_url: str) -> None:
    """Somebody has emptied the queue of RQ, or a worker died between taking a job and beginning it."""
    sessions = flood(1, 3)
    queue.sweep(sessions)
    client.delete("rq:queue:sms")
    assert queue.sweep(sessions) == [], "all of them wait"
    assert length(client) == 0, "a worker may have them"
    later = impatient_queue(redis_url)
    wait_until("nobody begins them", lambda: later.sweep(sessions) == [] and length(client))
    assert length(client) == 3
    later.sweep(sessions)
    assert length(client) == 3, "once"


def test_turns_that_workers_are_about_to_begin_are_not_made_up_for(
    queue: JobQueue, turns: Turns, client: Redis
) -> None:
    """Else every sweep would add some while workers are busy."""
    sessions = flood(1, 20)
    queue.sweep(sessions)
    taken = [client.lpop("rq:queue:sms") for _ in range(5)]
    for _ in range(3):
        queue.sweep(sessions)
    assert length(client) == 15
    for job_id in taken:
        turns.take(job_id.decode(), {})  # type: ignore[union-attr]
    queue.sweep(sessions[5:])
    assert length(client) == 15
    assert client.zcard("illumichat-sms:turns:sms:missed") == 0


def test_turns_that_are_unknown_to_the_books_are_made_up_for_at_once(queue: JobQueue, client: Redis) -> None:
    """Redis has dropped a part of what it was told."""
    sessions = flood(1, 4)
    queue.sweep(sessions)
    client.delete("illumichat-sms:turns:sms:open", "rq:queue:sms")
    queue.sweep(sessions)
    assert length(client) == 4


def test_who_is_about_to_be_answered_is_not_enqueued_again(
    queue: JobQueue, turns: Turns, redis_url: str
) -> None:
    """A sweep has read that nobody is at it; then its turn began."""
    queue.sweep(flood(1, 3))
    taken = turns.take("", {})
    assert queue.sweep(flood(1, 3)) == []
    assert queue.sweep([Waiting(0, 1, retried=True)]) == [0], "its pause may be shorter"
    assert turns.take("", {}) is not None
    assert taken == Waiting(0, 1)
    later = impatient_queue(redis_url)
    wait_until("its worker is taken for dead", lambda: later.sweep([Waiting(1, 1)]) == [1])


def test_what_was_flushed_is_enqueued_by_the_next_sweep(queue: JobQueue, client: Redis) -> None:
    queue.sweep(flood(1, 3))
    client.flushall()
    assert queue.sweep(flood(1, 3)) == [0, 1, 2]
    assert length(client) == 3


def test_a_channels_line_that_redis_has_dropped_is_passed_over(turns: Turns, client: Redis) -> None:
    """Such as by eviction: the ring of channels still names it."""
    turns.add([Waiting(1, 1), Waiting(2, 2)])
    client.delete("illumichat-sms:turns:sms:waiting:1")
    assert turns.take("", {}) == Waiting(2, 2)
    assert turns.take("", {}) is None
    assert not client.exists("illumichat-sms:turns:sms:channels")


# Fair shares


def test_who_comes_after_a_flood_is_next(turns: Turns) -> None:
    turns.add(flood(1, 480))
    running = Counter[int]()
    for _ in range(16):
        taken = turns.take("", running)
        assert taken is not None
        running[taken.channel_id] += 1
    assert running == {1: 16}, "while nobody else waits, all conversations are its"
    turns.add([Waiting(9000, 2)])
    assert turns.take("", running) == Waiting(9000, 2)


def test_sessions_of_a_channel_keep_their_order(turns: Turns) -> None:
    turns.add([Waiting(session, 1) for session in (30, 4, 200)])
    turns.add([Waiting(1, 1)])
    assert [taken.session_id for _ in range(4) if (taken := turns.take("", {}))] == [30, 4, 200, 1]


def test_channels_take_turns_where_nothing_runs(turns: Turns) -> None:
    """As under plain RQ workers, which have one conversation each."""
    turns.add(flood(1, 3) + flood(2, 2, 10) + flood(3, 1, 20))
    assert [taken.channel_id for _ in range(6) if (taken := turns.take("", {}))] == [1, 2, 3, 1, 2, 1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    waiting=st.dictionaries(st.integers(1, 5), st.integers(1, 30), min_size=1),
    concurrency=st.integers(1, 12),
    ends=st.randoms(use_true_random=False),
)
def test_while_others_wait_nobody_takes_more_than_its_share(
    redis_url: str, waiting: dict[int, int], concurrency: int, ends: Any
) -> None:
    """Whenever a channel is chosen, no other channel that waits has fewer conversations than it; nobody is forgotten."""
    client = Redis.from_url(redis_url)
    client.flushall()
    turns = Turns(client, "sms", ANSWER_JOB, timeout=300, failure_ttl=60, patience=10.0)
    turns.add(
        [Waiting(channel * 1000 + n, channel) for channel, count in waiting.items() for n in range(count)]
    )
    left, running, done = Counter(waiting), Counter[int](), 0
    while left.total() or running.total():
        if running.total() == concurrency or not left.total():
            ended = ends.choice(sorted(running.elements()))
            running[ended] -= 1
            continue
        others = {channel: running[channel] for channel, count in left.items() if count}
        taken = turns.take("", +running)
        assert taken is not None
        assert running[taken.channel_id] == min(others.values())
        running[taken.channel_id] += 1
        left[taken.channel_id] -= 1
        done += 1
    assert done == sum(waiting.values())
    assert turns.take("", {}) is None


# What RQ makes of it


def test_rq_reads_a_job_as_it_would_read_its_own(queue: JobQueue, client: Redis) -> None:
    queue.answer_session(7, 1)
    ours = queue.rq_queue(timeout=5)
    [job] = ours.jobs
    enqueued = ours.enqueue(ANSWER_JOB, 7, job_timeout=queue.job_timeout, result_ttl=0, failure_ttl=86400)
    own = ours.fetch_job(enqueued.id)
    assert own is not None
    for name in ("func_name", "args", "kwargs", "timeout", "result_ttl", "failure_ttl", "origin", "ttl"):
        assert getattr(job, name) == getattr(own, name), name
    assert job.get_status() == own.get_status()
    assert abs((own.created_at - job.created_at).total_seconds()) < 60
    assert job.id.startswith(TURN)
    assert Queue.all(client) == [ours]
    assert json.loads(job.data) == [ANSWER_JOB, None, [7], {}]


def work(queue: JobQueue) -> None:
    ours = queue.rq_queue(timeout=5)
    worker = Hurried([ours], connection=ours.connection, serializer=SERIALIZER)
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_job_of_version_0_1_is_for_its_own_session(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[int, int | None]] = []

    def run_turn(session_id: int) -> None:
        with queue.turn(current_job_id(), session_id) as chosen:
            ran.append((session_id, chosen))

    monkeypatch.setattr(answer_job_module, "answer_session", run_turn)
    queue.answer_session(7, 1)
    ours = queue.rq_queue(timeout=5)
    ours.empty()
    ours.enqueue(ANSWER_JOB, 42)
    ours.enqueue(ANSWER_JOB, 43, job_id=f"{TURN}43-x")
    ours.enqueue(ANSWER_JOB, 44, job_id=f"{TURN}44-x")
    work(queue)
    assert ran == [(42, 42), (43, 7), (44, None)]


def test_a_turn_counts_as_long_as_it_runs(queue: JobQueue) -> None:
    queue.sweep([*flood(1, 3), *flood(2, 1, 10)])
    with queue.turn(f"{TURN}x", 0) as first, queue.turn(f"{TURN}x", 0) as second:
        assert (first, second) == (0, 10)
    with queue.turn(f"{TURN}x", 0) as third:
        assert third == 1
    assert not queue._running


def test_a_turn_without_redis_is_for_the_session_it_names(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as RedisGone

    def gone(*_: object) -> None:
        raise RedisGone

    queue.answer_session(7, 1)
    monkeypatch.setattr(Turns, "take", gone)
    with queue.turn(f"{TURN}7-x", 7) as chosen:
        assert chosen == 7


def test_an_enqueue_is_one_command(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.answer_session(1, 1)
    sent: list[object] = []
    send = AbstractConnection.send_packed_command

    def counted(self: AbstractConnection, command: object, **options: Any) -> None:
        sent.append(command)
        send(self, command, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    queue.answer_session(2, 1)
    assert len(sent) == 1


def test_the_job_is_found_by_its_name() -> None:
    """The name stays, for jobs may wait while a new version is installed."""
    from illumichat_sms_plugin.jobs.answer_session import answer_session

    assert f"{answer_session.__module__}.{answer_session.__name__}" == ANSWER_JOB
