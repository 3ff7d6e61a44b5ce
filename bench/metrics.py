"""What a scrape of the metrics costs when every text there is came within the last hour."""

from __future__ import annotations

import argparse
import time

from sqlalchemy import create_engine

from bench import analytics_fill
from bench.webhook_apps import connected, plugin
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.health import read_figures


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench metrics", description=__doc__)
    options.add_argument("--texts", type=int, default=7_000_000)
    options.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chosen = options.parse_args(arguments)
    times = measure(chosen.texts, chosen.database)
    print(f"{chosen.texts} texts within the hour, {chosen.database}:")
    print(
        f"metrics in {times[0] * 1000:.0f} ms at best, {times[len(times) // 2] * 1000:.0f} ms in the middle"
    )


def measure(texts: int, database: str = "postgresql") -> list[float]:
    """Seconds of several scrapes, sorted."""
    analytics_fill.DAYS = 1 / 24  # type: ignore[assignment]
    with connected(database) as database_url:
        analytics_fill.fill(create_engine(database_url), 1, texts)
        with plugin().app_context():
            return sorted(_timed() for _ in range(7))


def _timed() -> float:
    before = time.perf_counter()
    read_figures(current_runtime())
    return time.perf_counter() - before
