"""``flask sms worker``: more threads than connections, and one channel's flood beside another's few texts."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import psutil

from bench.installation import Installation, installation, percentile, wait_until
from bench.servers import cpu_seconds


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench worker", description=__doc__)
    options.add_argument("--texts", type=int, default=512)
    options.add_argument("--concurrency", type=int, default=128)
    options.add_argument("--flood", type=int, default=480)
    options.add_argument("--honest", type=int, default=40)
    chosen = options.parse_args(arguments)
    many = many_threads(chosen.texts, chosen.concurrency)
    print(
        f"{chosen.concurrency} conversations wanted of a pool of 24, {chosen.texts} texts: none unanswered after"
        f" {many.seconds:.0f} s without housekeeping, {many.in_doubt} in doubt; {many.cpu * 1000:.1f} ms CPU for each"
    )
    alone, beside = flood(chosen.flood, chosen.honest)
    print(f"an honest text's 95th percentile: {alone:.1f} s alone, {beside:.1f} s: {beside / alone:.2f}x")


@dataclass(frozen=True)
class Many:
    """``cpu`` is of one text, in seconds."""

    seconds: float
    in_doubt: int
    cpu: float


def many_threads(texts: int, concurrency: int) -> Many:
    """A worker with more threads than its pool has connections; SystemExit when a text stays unanswered."""
    with installation() as running:
        with running.process("worker", "--concurrency", str(concurrency), assistant_seconds=1.0) as worker:
            before = cpu_seconds(psutil.Process(worker.pid))
            for number in range(texts):
                running.text(number)
            took = wait_until(lambda: running.queued() == 0 and running.unanswered() == 0, 300)
            cpu = cpu_seconds(psutil.Process(worker.pid)) - before
        doubt = running.scalar("SELECT count(*) FROM sms_messages WHERE send_state <> 'accepted'")
        return Many(took, int(doubt), cpu / texts)


def flood(texts: int, honest: int) -> tuple[float, float]:
    """The 95th percentile of one channel's texts, alone and beside another's flood; seconds."""
    with installation() as running:
        alone = _honest(running, honest, flood=0)
        running.forget()
        return alone, _honest(running, honest, flood=texts)


def _honest(running: Installation, honest: int, *, flood: int) -> float:
    """The 95th percentile of one channel's texts, one every half second, beside another's flood."""
    with running.process("worker", "--concurrency", "16", assistant_seconds=2.0):
        running.text(9_000_000)  # so that the worker is there
        wait_until(lambda: running.unanswered() == 0, 120)
        for number in range(flood):
            running.text(number)
        for number in range(honest):
            running.text(number, "ast_sales")
            time.sleep(0.5)
        wait_until(lambda: len(running.seconds_to_answer("ast_sales")) == honest, 300)
        return percentile(running.seconds_to_answer("ast_sales"), 0.95)
