"""A pooler such as PgBouncer between us and PostgreSQL, and what psycopg 3 must not do behind it.

In transaction pooling each transaction may meet another of the server's processes. psycopg 3 prepares a statement
that comes often, by a name that the next process does not know, or knows as something else. So nothing is prepared
on a connection behind a pooler. Whether there is one the server tells: the process that answers is not the one that
answered when the connection was made, for a pooler makes that number up.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection

logger = logging.getLogger("illumichat_sms.database")

WHO_ANSWERS = "SELECT pg_backend_pid()"
MIXED_UP = frozenset({"42P05", "26000", "08P01"})
"""SQLSTATEs of statements that other clients of a pooler have prepared: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_BEHIND_POOLER = "illumichat_sms.behind_pooler"
_said = False


def is_known(connection: Connection) -> bool:
    """Whether this connection of the pool was looked at before."""
    return _BEHIND_POOLER in connection.info


def is_behind_pooler(connection: Connection) -> bool:
    """Whether a pooler stands before the database; False for drivers that prepare nothing."""
    return bool(connection.info.get(_BEHIND_POOLER))


def look_for_pooler(connection: Connection) -> None:
    """Ask who answers, once for each connection of psycopg 3, in a transaction that has begun."""
    if connection.dialect.driver == "psycopg" and not is_known(connection):
        note_who_answers(connection, connection.exec_driver_sql(WHO_ANSWERS).scalar_one())


def note_who_answers(connection: Connection, process: int) -> None:
    """Remember what follows from the answer; behind a pooler nothing more is prepared on this connection."""
    raw: Any = connection.connection.driver_connection
    behind = process != raw.info.backend_pid
    connection.info[_BEHIND_POOLER] = behind
    if behind:
        raw.prepare_threshold = None
        _say_once()


def _say_once() -> None:
    global _said  # noqa: PLW0603 - a process says it once
    if not _said:
        _said = True
        logger.info(
            "a pooler stands before the database: no statements are prepared on the plugin's connections"
        )


def is_mixed_up(error: Exception) -> bool:
    """Whether a database error comes of statements that others behind the pooler have prepared."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in MIXED_UP
