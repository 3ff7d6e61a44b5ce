"""Short transactions on the host's database.

The plugin's own statements run on connections of the host's engine, each transaction for itself:
none is open while the assistant thinks or Twilio answers, and none mixes with the host's work.
A transaction that decides something starts with the write that claims it (an ``UPDATE … WHERE``
that names the state it expects), because SQLite takes its write lock only then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from illumichat_sms_plugin.models.base import Base


def engine() -> Engine:
    """The host's default engine."""
    found: Engine = current_app.extensions["sqlalchemy"].engine
    return found


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back by an exception."""
    with engine().begin() as connection:
        yield connection


def insert_or_conflict(connection: Connection, model: type[Base]) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return insert_for(connection.dialect.name, model)


def insert_for(dialect: str, model: type[Base]) -> Any:
    """The same for a dialect by name."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(model.__table__)  # type: ignore[arg-type]
