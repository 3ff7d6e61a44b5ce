"""Many texters wait: what the queue holds, how soon a newcomer is answered, and what a sweep costs."""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

from sqlalchemy import text

from bench.installation import installation, wait_until
from illumichat_sms_plugin.job_queue.turns import Waiting
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench backlog", description=__doc__)
    options.add_argument("--texters", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=60.0, help="without a worker")
    options.add_argument(
        "--crowd", type=int, default=300_000, help="texters that wait while sweeps are timed"
    )
    chosen = options.parse_args(arguments)
    found = recover(chosen.texters, chosen.seconds)
    print(
        f"{chosen.texters} texters without a worker for {chosen.seconds:.0f} s: the queue held {found.longest} at most"
    )
    print(f"all answered {found.seconds:.0f} s after a worker came; the queue holds {found.left}")
    print(
        f"a text that comes then is answered after {found.newcomer:.2f} s, of which the assistant takes 0.5"
    )
    for situation, sweeps in sweep(chosen.crowd):
        print(f"{chosen.crowd} texters wait {situation}: {sweeps}")


@dataclass(frozen=True)
class Recovered:
    """Seconds, and jobs in the queue."""

    longest: int
    seconds: float
    left: int
    newcomer: float


@dataclass(frozen=True)
class Sweeps:
    """Seconds that each took, and that the quickest kept its process busy."""

    took: list[float]
    busy: float
    enqueued: int

    def __str__(self) -> str:
        return (
            f"a sweep takes {self.took[0] * 1000:.0f} to {self.took[-1] * 1000:.0f} ms, median"
            f" {statistics.median(self.took) * 1000:.0f}, of which its process is busy {self.busy * 1000:.0f};"
            f" {len(self.took)} of them enqueued {self.enqueued}"
        )


def recover(texters: int, seconds: float) -> Recovered:
    """So many texters wait without a worker, then there is one."""
    with installation() as running:
        for number in range(texters):
            running.text(number)
        with running.process("housekeeping"):
            longest = 0
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                longest = max(longest, running.queued())
                time.sleep(0.5)
            with running.process("worker", "--concurrency", "16", assistant_seconds=0.5):
                took = wait_until(lambda: running.unanswered() == 0, 600)
                left = running.queued()
                running.text(texters)
                return Recovered(longest, took, left, wait_until(lambda: running.unanswered() == 0, 60, 0.02))


def sweep(crowd: int) -> list[tuple[str, Sweeps]]:
    """What sweeps cost while so many texters wait, none of them or all of them in the queue."""
    sessions = text(
        "INSERT INTO sms_sessions (channel_id, phone_number, attempts, created_at, last_message_at) SELECT 1,"
        " '+1556' || n, 0, clock_timestamp(), clock_timestamp() - interval '1 minute' FROM generate_series(1, :n) n"
    )
    texts = text(
        "INSERT INTO sms_messages (channel_id, session_id, direction, message_sid, from_number, to_number, body,"
        " segments, created_at, in_chat, is_test, status_conflict, looks, resends) SELECT 1, id, 'inbound', 'SM' || id,"
        " phone_number, '+15551230001', 'hello?', 1, last_message_at, true, false, false, 0, 0 FROM sms_sessions"
    )
    with installation() as running, running.app.app_context():
        with transaction() as connection:
            # Else PostgreSQL would check each row by a scan: it has no figures of the new rows yet.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(sessions, {"n": crowd})
            connection.execute(texts)
            connection.execute(text("ANALYZE sms_sessions, sms_messages"))
        absent = _time_sweeps()
        queue = current_runtime().queue
        for first in range(1, crowd + 1, 500):
            queue.sweep([Waiting(number, 1) for number in range(first, min(first + 500, crowd + 1))])
        return [("and none is in the queue", absent), ("in the queue", _time_sweeps())]


def _time_sweeps() -> Sweeps:
    took, own, enqueued = [], [], 0
    for _ in range(20):
        started, cpu = time.perf_counter(), time.process_time()
        enqueued += sweep_sessions(current_runtime())
        took.append(time.perf_counter() - started)
        own.append(time.process_time() - cpu)
    return Sweeps(sorted(took), min(own), enqueued)
