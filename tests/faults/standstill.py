"""A bystander who writes a row ten times a second, and notes when the machine itself stood still.

A webhook that the database kept waiting for its whole timeout counts as broken, unless somebody who has nothing to do
with the installation waited at the same moment: its row is in a table of its own, which nobody else locks.
"""

from __future__ import annotations

import threading
import time

import psycopg

from tests.faults.stores import PostgreSQL

INTERVAL = 0.1
STANDSTILL = 0.5
"""Seconds beyond the interval from which on a beat was held up."""


class Bystander:
    """The thread; ``standstills`` are (start, end) in seconds since the epoch."""

    def __init__(self, database: PostgreSQL) -> None:
        self._database = database
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.standstills: list[tuple[float, float]] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        connection: psycopg.Connection[object] | None = None
        while not self._over.is_set():
            since = time.time()
            try:
                if connection is None:
                    connection = self._database.connect()
                    connection.execute("CREATE TABLE IF NOT EXISTS suite_beats (at timestamptz)")
                    since = time.time()
                connection.execute("INSERT INTO suite_beats VALUES (now())")
            except psycopg.Error:
                # The database is away: that is the fault, and has its own window.
                connection = None
            self._over.wait(INTERVAL)
            until = time.time()
            if connection is not None and until - since > INTERVAL + STANDSTILL:
                self.standstills.append((since, until))
        if connection is not None:
            connection.close()
