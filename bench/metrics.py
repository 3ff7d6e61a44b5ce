"""What a scrape of the metrics costs when every text there is came within the last hour."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from bench import analytics_fill
from bench.servers import postgresql, valkey
from bench.webhook import prepare
from bench.webhook_apps import plugin
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.health import read_figures


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench metrics", description=__doc__)
    options.add_argument("--texts", type=int, default=7_000_000)
    options.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chosen = options.parse_args(arguments)
    analytics_fill.DAYS = 1 / 24  # type: ignore[assignment]
    opened = postgresql() if chosen.database == "postgresql" else _sqlite()
    with opened as database_url, valkey() as redis_url:
        os.environ.update(
            BENCH_DATABASE_URL=database_url, BENCH_REDIS_URL=redis_url, BENCH_KEY=generate_key()
        )
        prepare(database_url)
        analytics_fill.fill(create_engine(database_url), 1, chosen.texts)
        with plugin().app_context():
            times = [_timed() for _ in range(7)]
    print(
        f"{chosen.texts} texts within the hour, {chosen.database}: metrics in {min(times) * 1000:.0f} ms at best,"
    )
    print(f"{sorted(times)[len(times) // 2] * 1000:.0f} ms in the middle of {len(times)}")


def _timed() -> float:
    before = time.perf_counter()
    read_figures(current_runtime())
    return time.perf_counter() - before


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sms-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"
