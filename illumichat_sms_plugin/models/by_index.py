"""Counts that only an index may answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def by_index(connection: Connection) -> Iterator[None]:
    """Keep PostgreSQL from reading a whole table for a statement of the block, whose condition is that of a partial index.

    It takes the parts of such a condition for independent of each other. After many new texts it expects a good part of
    the table, where there is hardly a row, and prefers to read all of it. SQLite takes the index.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    yield
    connection.exec_driver_sql("SET LOCAL enable_seqscan = DEFAULT")
