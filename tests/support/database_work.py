"""How much a database reads for each statement: what grows when the tables do.

SQLite counts the steps of its machine; PostgreSQL tells how many rows each part of a plan has read.
Neither is a time, so it is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

STEPS = 100
"""So many steps of SQLite's machine are noticed at once."""
STEPS_PER_ROW = 10
"""A row that is only looked at takes about so many."""


@dataclass
class Work:
    """A statement, and how many rows the database read for it."""

    sql: str
    parameters: Any
    rows: int = 0
    plan: str = ""


@dataclass
class Watch:
    """The statements that ran, each with its work."""

    done: list[Work] = field(default_factory=list)

    def too_much(self, most: int) -> str:
        """The statements that read more than ``most`` rows, with their plans; nothing when all is well."""
        found = [work for work in self.done if work.rows > most]
        return "\n\n".join(f"{work.rows} rows\n{work.sql}\n{work.plan}" for work in found)


@contextmanager
def watch_work(engine: Engine) -> Iterator[Watch]:
    """Watch everything that runs on connections of ``engine``."""
    watch = Watch()
    watching = _watch_sqlite if engine.dialect.name == "sqlite" else _watch_postgresql
    with watching(engine, watch):
        yield watch
    watch.done = [work for work in watch.done if _reads_our_tables(work.sql)]
    with engine.connect() as connection:
        for work in watch.done:
            work.plan = plan_of(connection, work)


def _reads_our_tables(sql: str) -> bool:
    return "sms_" in sql and sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH"))


@contextmanager
def _watch_sqlite(engine: Engine, watch: Watch) -> Iterator[None]:
    def begin(connection: Connection, cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        work = Work(sql, parameters)
        watch.done.append(work)

        def count() -> None:
            work.rows += STEPS // STEPS_PER_ROW

        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(count, STEPS)

    event.listen(engine, "before_cursor_execute", begin)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        engine.dispose()


@contextmanager
def _watch_postgresql(engine: Engine, watch: Watch) -> Iterator[None]:
    """What a statement reads is found out before it runs, in a transaction of its own that is undone."""

    def begin(connection: Connection, cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        work = Work(sql, parameters)
        watch.done.append(work)
        if not _reads_our_tables(sql):
            return
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as other:
            other.execute("SAVEPOINT watched")
            other.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
            plan = other.fetchone()[0]
            other.execute("ROLLBACK TO SAVEPOINT watched")
        work.rows = _rows_read((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])

    event.listen(engine, "before_cursor_execute", begin)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", begin)


def _rows_read(plan: dict[str, Any]) -> int:
    rows = sum(_rows_read(part) for part in plan.get("Plans", ()))
    if "Relation Name" in plan or "Index Name" in plan:
        read = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        rows += int(sum(plan.get(name, 0) for name in read) * plan["Actual Loops"])
    return rows


def plan_of(connection: Connection, work: Work) -> str:
    """How the database would go about it now."""
    how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(how + work.sql, work.parameters))
