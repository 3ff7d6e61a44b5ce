"""``flask sms worker``: more threads than connections, and one channel's flood beside another's few texts."""

from __future__ import annotations

import argparse
import time

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
    with installation() as running:
        _many_threads(running, chosen.texts, chosen.concurrency)
        running.forget()
        alone = _honest(running, chosen.honest, flood=0)
        running.forget()
        beside = _honest(running, chosen.honest, flood=chosen.flood)
        print(f"an honest text's 95th percentile: {alone:.1f} s alone, {beside:.1f} s: {beside / alone:.2f}x")


def _many_threads(running: Installation, texts: int, concurrency: int) -> None:
    with running.process("worker", "--concurrency", str(concurrency), assistant_seconds=1.0) as worker:
        before = cpu_seconds(psutil.Process(worker.pid))
        for number in range(texts):
            running.text(number)
        took = wait_until(lambda: running.queued() == 0 and running.unanswered() == 0, 300)
        cpu = cpu_seconds(psutil.Process(worker.pid)) - before
    doubt = running.scalar("SELECT count(*) FROM sms_messages WHERE send_state <> 'accepted'")
    print(
        f"{concurrency} conversations wanted of a pool of 24, {texts} texts: none unanswered after {took:.0f} s without"
        f" housekeeping, {doubt} in doubt; {cpu / texts * 1000:.1f} ms CPU for each"
    )


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
