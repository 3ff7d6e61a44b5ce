"""Redis, PostgreSQL and the pooler before it go away, stand still and come back."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.processes import restart, wait_until
from tests.faults.run import Run
from tests.faults.sentinel import Watched
from tests.faults.stores import free_port
from tests.support.pgbouncer import pgbouncer


def redis_lost(run: Run) -> None:
    """It is killed and comes back empty."""
    run.moment()
    run.stack.valkey.stop()
    time.sleep(2)
    run.stack.valkey.start()


def redis_flushed(run: Run) -> None:
    for _ in range(3):
        run.moment(0.1, 0.9)
        run.stack.valkey.flush()


def redis_paused(run: Run) -> None:
    """It accepts connections and answers nothing: webhooks must not wait for it."""
    run.moment(0.1, 0.2)
    since = time.time()
    run.stack.valkey.pause()
    time.sleep(4)
    run.timed = (since, time.time())
    run.stack.valkey.resume()


def redis_full(run: Run) -> None:
    run.moment()
    run.stack.valkey.limit_memory(1)
    time.sleep(3)
    run.stack.valkey.limit_memory(0)


def redis_failover(run: Run) -> None:
    """Everybody asks a Sentinel where Redis is. The master is killed for good, and its replica takes over."""
    stack = run.stack
    with (
        contextlib.ExitStack() as until_the_end,
        tempfile.TemporaryDirectory(prefix="sms-faults-sentinel-") as folder,
    ):
        watched = until_the_end.enter_context(Watched(Path(folder)))
        with run.broken():
            restart(stack.parts, SMS_REDIS_URL=watched.url)
            stack.wait_ready(watched.master)
        run.moment(0.4, 0.8)
        watched.kill_the_master()
        wait_until("the replica is the master", watched.has_failed_over, 30, 0.1)
        wait_until("all is answered through it", lambda: not run.open_texts(), 60, 0.1)
        with run.broken():
            restart(stack.parts, SMS_REDIS_URL=stack.valkey.url)
            stack.wait_ready()


def database_stopped(run: Run) -> None:
    run.moment()
    with run.broken():
        run.stack.database.stop_hard()
        time.sleep(2)
        run.stack.database.start()


def connections_terminated(run: Run) -> None:
    for _ in range(3):
        run.moment(0.1, 0.9)
        with run.broken():
            run.stack.database.terminate_connections()


def tables_locked(run: Run) -> None:
    run.moment(0.1, 0.2)
    with run.broken(), run.stack.database.connect() as connection:
        connection.autocommit = False
        _lock(connection, "sms_messages, sms_sessions")
        time.sleep(4)
    run.timed = run.windows[-1]


def pooler_killed(run: Run) -> None:
    """Everybody goes through PgBouncer; it is killed and comes back after 2 s, with other connections behind it."""
    stack, port = run.stack, free_port()
    with contextlib.ExitStack() as first:
        pooled = first.enter_context(pgbouncer(stack.database.url, port))
        with run.broken():
            restart(stack.parts, FAULTS_DATABASE=pooled)
            stack.wait_ready()
        run.moment(0.4, 0.8)
        with run.broken():
            first.close()
            time.sleep(2)
            with pgbouncer(stack.database.url, port):
                wait_until("all is answered through it", lambda: not run.open_texts(), 60, 0.1)
                restart(stack.parts, FAULTS_DATABASE=stack.database.url)
            stack.wait_ready()


def _lock(connection: psycopg.Connection[Any], tables: str) -> None:
    """Somebody else's deadlock is no part of this fault."""
    for _ in range(20):
        try:
            connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")  # type: ignore[call-overload]
        except psycopg.errors.DeadlockDetected:
            connection.rollback()
        else:
            return
    raise AssertionError("no lock in twenty tries")
