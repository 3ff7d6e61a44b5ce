"""How much a piece of work asks of the database and of Redis: counts, which are the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis import Redis
from sqlalchemy import Engine, event


@dataclass
class Asked:
    """What was asked meanwhile. ``connections`` counts how often one was taken from the pool."""

    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    connections: int = 0


@contextmanager
def asked_of(engine: Engine) -> Iterator[Asked]:
    """Count what is asked of the database."""
    asked = Asked()

    def on_statement(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(
            "SET LOCAL"
        ):  # psycopg 3 sends that along with BEGIN, which nothing counts
            asked.statements.append(statement)

    def on_begin(connection: Any) -> None:
        asked.transactions += 1

    def on_checkout(*rest: Any) -> None:
        asked.connections += 1

    listeners: tuple[tuple[Any, str, Any], ...] = (
        (engine, "before_cursor_execute", on_statement),
        (engine, "begin", on_begin),
        (engine.pool, "checkout", on_checkout),
    )
    for target, name, listener in listeners:
        event.listen(target, name, listener)
    try:
        yield asked
    finally:
        for target, name, listener in listeners:
            event.remove(target, name, listener)


def redis_commands(url: str) -> int:
    """Commands that a Redis has run since it started, but for those that only ask about it."""
    with Redis.from_url(url) as client:
        stats: dict[str, dict[str, int]] = client.info("commandstats")  # type: ignore[assignment]
    ours = ("cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello")
    return sum(entry["calls"] for name, entry in stats.items() if name not in ours)
