"""What an inbound text costs a web process: the plugin beside a hand-written floor that does the same durable work.

Both run in this process, in turns, on the same database and queue; see floors.py and in_process.py. Read the ratio.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from flask import Flask

from bench.floors import floor
from bench.in_process import Compared, compare
from bench.signed import Signed
from bench.webhook_apps import connected, plugin
from bench.webhook_load import signed_texts

BATCH = 40


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench inbound", description=__doc__)
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--database", choices=("postgresql", "sqlite"), help="else both")
    chosen = options.parse_args(arguments)
    for database in (chosen.database,) if chosen.database else ("postgresql", "sqlite"):
        found = measure(database, chosen.rounds)
        print(f"inbound text, {database}, CPU in process:")
        print(f"  plugin {found.ours:.0f} us, floor {found.floor:.0f} us, ratio {found.ratio:.2f}")


def measure(database: str, rounds: int) -> Compared:
    with connected(database):
        ours, theirs = (posting(app, signed_texts((rounds + 1) * BATCH)) for app in (plugin(), floor()))
        return compare(ours, theirs, batch=BATCH, rounds=rounds)


def posting(app: Flask, made: list[Signed]) -> Callable[[], object]:
    """Posts the next of them at each call."""
    waiting = iter(made)
    return lambda: next(waiting).post_to(app)
