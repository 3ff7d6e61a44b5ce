"""Short transactions on the host's database.

The plugin's own statements run on connections of the host's engine, each transaction for itself:
none is open while the assistant thinks or Twilio answers, and none mixes with the host's work.
A transaction that decides something starts with the write that claims it (an ``UPDATE … WHERE``
that names the state it expects), because SQLite takes its write lock only then.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from illumichat_sms_plugin.databases import search_in
from illumichat_sms_plugin.models import pooler
from illumichat_sms_plugin.models.base import Base, db_now
from illumichat_sms_plugin.models.which_database import chosen, engine

logger = logging.getLogger("illumichat_sms.database")

IDLE_BOUND = 20.0
"""Seconds that a transaction of ours may stand still between two statements before PostgreSQL ends it: its process
is frozen or cut off, and others wait for what it has locked."""
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""The database cannot be reached, has no connection left, or waited too long for a lock: not what was asked of it is wrong."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before what must be written down is tried again."""
_QUOTES = re.compile(r"DETAIL:|^LINE \d+:", re.MULTILINE)
"""Where PostgreSQL begins to quote: the row (``Key (phone)=(+1555…) already exists``), and the line of the statement, in
which psycopg2 has put the values."""
T = TypeVar("T")
_patience: ContextVar[float | None] = ContextVar("patience", default=None)


def most_connections() -> int | None:
    """How many connections the engine can have at once; None when its pool sets no bound."""
    pool = engine().pool
    if not isinstance(pool, QueuePool):
        return None
    overflow: int = pool._max_overflow  # it has no public name
    return None if overflow < 0 else pool.size() + overflow


def behind_pooler() -> bool:
    """Whether a pooler such as PgBouncer stands before the database, as far as that matters to us."""
    with transaction() as connection:
        return pooler.is_behind_pooler(connection)


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back by an exception."""
    with discreet_errors(), engine().begin() as connection:
        if connection.dialect.name == "postgresql":
            _bound_waits(connection, _patience.get())
        yield connection


def read_now() -> datetime:
    """What time it is at the database (aware, UTC).

    In a transaction of its own: one that reads first and writes then fails on SQLite when somebody else wrote between.
    """
    with transaction() as connection:
        return connection.scalars(select(db_now())).one()


def insist(write: Callable[[Connection], T]) -> T:
    """Write in a transaction of its own, and again for some seconds while the database is away.

    For what would be lost otherwise. ``write`` may run twice, so it must not mind having been committed.
    """
    for pause in PAUSES:
        try:
            with transaction() as connection:
                return write(connection)
        except DATABASE_AWAY:
            logger.warning("the database cannot be written to now; again in %s s", pause)
            time.sleep(pause)
    with transaction() as connection:
        return write(connection)


@contextmanager
def snapshot() -> Iterator[Connection]:
    """Reads that all see the same moment, whatever others commit meanwhile; on SQLite each sees its own."""
    with discreet_errors(), engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            if schema := chosen().schema:
                connection.exec_driver_sql(search_in(schema))
            pooler.look_for_pooler(connection)
        yield connection


@contextmanager
def discreet_errors() -> Iterator[None]:
    """Keep values out of the text of database errors, the host's too.

    It ends up in logs and in RQ's record of a job, where what people wrote does not belong.
    """
    try:
        yield
    except Exception as error:
        _hide_values(error)
        raise


def _hide_values(error: BaseException) -> None:
    """Of the errors that came before it too: a traceback tells those as well."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, StatementError):
            found.hide_parameters = True
        if found.args and isinstance(found.args[0], str):
            found.args = (_QUOTES.split(found.args[0], 1)[0].rstrip(), *found.args[1:])
        waiting += [found.__cause__, found.__context__]


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let transactions of the block wait no longer than this for a lock or a statement of PostgreSQL.

    Past it they fail with an OperationalError. SQLite has ``busy_timeout``, which is the host's.
    """
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def _bound_waits(connection: Connection, seconds: float | None) -> None:
    settings = f"SET LOCAL idle_in_transaction_session_timeout = {int(IDLE_BOUND * 1000)}"
    if seconds is not None:
        bound = int(seconds * 1000)
        settings += f"; SET LOCAL lock_timeout = {bound}; SET LOCAL statement_timeout = {bound}"
    if schema := chosen().schema:
        settings += f"; {search_in(schema)}"
    raw: Any = connection.connection.driver_connection
    if connection.dialect.driver == "psycopg" and not raw.autocommit and raw.isolation_level is None:
        # In one round trip with the BEGIN that psycopg would send by itself. Should it fail, the connection is
        # broken, and the next statement says so. It is waited for in psycopg's own way: libpq's would hold up every
        # other greenlet of the process.
        from psycopg import generators

        known = pooler.is_known(connection)
        raw.pgconn.send_query(f"BEGIN; {settings}{'' if known else f'; {pooler.WHO_ANSWERS}'}".encode())
        *_, last = raw.wait(generators.execute(raw.pgconn))
        if not known and (process := last.get_value(0, 0)) is not None:
            pooler.note_who_answers(connection, int(process))
    else:
        connection.exec_driver_sql(settings)
        pooler.look_for_pooler(connection)


def insert_or_conflict(connection: Connection, model: type[Base]) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return insert_for(connection.dialect.name, model)


def insert_for(dialect: str, model: type[Base]) -> Any:
    """The same for a dialect by name."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__)
