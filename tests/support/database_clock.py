"""Move the database's clock: ``db_now()`` and everything decided by it follow, on both databases.

SQLite lets a connection replace its own functions; on PostgreSQL a function of ours is found before
the real one. Nothing of the plugin is replaced.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, text

PG_CLOCK = """
CREATE SCHEMA IF NOT EXISTS test_clock;
CREATE TABLE IF NOT EXISTS test_clock.shift (seconds double precision);
DELETE FROM test_clock.shift;
INSERT INTO test_clock.shift VALUES (0);
CREATE OR REPLACE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
'SELECT pg_catalog.clock_timestamp() + make_interval(secs => (SELECT seconds FROM test_clock.shift))';
"""


class DatabaseClock:
    """The clock of one app's database; starts right, goes on by itself."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shift = 0.0
        self._lock = threading.Lock()
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False)

    def now(self) -> datetime:
        """What the database will say."""
        return datetime.now(UTC) + timedelta(seconds=self._shift)

    def set(self, now: datetime) -> None:
        """Make it ``now`` (aware)."""
        self._shift = (now - datetime.now(UTC)).total_seconds()
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.execute(text("UPDATE test_clock.shift SET seconds = :s"), {"s": self._shift})

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.set(self.now() + by)

    def install(self, connection: Any, record: Any) -> None:
        """Called for every new connection."""
        if self._engine.dialect.name == "sqlite":
            connection.create_function("strftime", -1, self._strftime)
        else:
            connection.cursor().execute("SET search_path TO test_clock, public, pg_catalog")
            connection.commit()

    def close(self) -> None:
        """Forget the connection that computes."""
        self._sqlite.close()

    def _strftime(self, form: str, moment: str, *modifiers: Any) -> str | None:
        if moment == "now":
            moment = self.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        marks = ", ".join("?" for _ in modifiers)
        with self._lock:
            query = f"SELECT strftime(?, ?{', ' if marks else ''}{marks})"
            found: str | None = self._sqlite.execute(query, (form, moment, *modifiers)).fetchone()[0]
        return found


@contextmanager
def database_clock(app: Flask) -> Iterator[DatabaseClock]:
    """A clock that can be moved, for all connections that ``app`` makes from now on."""
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                connection.exec_driver_sql(PG_CLOCK)
        clock = DatabaseClock(engine)
        event.listen(engine, "connect", clock.install)
        engine.dispose()
        yield clock
        clock.set(datetime.now(UTC))
        event.remove(engine, "connect", clock.install)
        engine.dispose()
        clock.close()
