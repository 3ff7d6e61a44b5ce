"""The plugin's own declarative base, column types and database clock.

Our tables live in the host's database and transactions, never in the host's metadata.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    Integer,
    MetaData,
    ScalarSelect,
    bindparam,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite alone would give it back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As UTC; a ValueError for one that does not say its timezone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a timezone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in an INTEGER PRIMARY KEY."""


class db_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it is
    """The database's clock plus ``offset`` seconds, a number or a parameter made by :func:`seconds`.

    Times that several processes compare (leases, ages, retries) come from here, so that a step of
    one machine's clock changes no decision.
    """

    type = UtcDateTime()
    inherit_cache = True
    name = "db_now"

    def __init__(self, offset: float | ColumnElement[float] = 0.0) -> None:
        self.offset = offset
        if isinstance(offset, ColumnElement):
            super().__init__(offset)
        elif offset:
            super().__init__(literal(float(offset), Float))
        else:
            super().__init__()


def seconds(name: str) -> ColumnElement[float]:
    """A parameter of a statement that is built once."""
    return bindparam(name, type_=Float)


def db_now_once(offset: float = 0.0) -> ScalarSelect[datetime]:
    """The same, read once for the whole statement: for a condition that an index is searched by.

    PostgreSQL expects that :class:`db_now` moves on from row to row, and compares it with every entry.
    """
    return select(db_now(offset)).scalar_subquery()


@compiles(db_now, "sqlite")
def _sqlite_now(element: db_now, compiler: Any, **kwargs: Any) -> str:
    offset = compiler.process(element.clauses, **kwargs)
    modifier = f", {offset} || ' seconds'" if offset else ""
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now'{modifier}) || '000')"


@compiles(db_now)
def _sql_now(element: db_now, compiler: Any, **kwargs: Any) -> str:
    offset = compiler.process(element.clauses, **kwargs)
    return (
        f"(clock_timestamp() + make_interval(secs => CAST({offset} AS double precision)))"
        if offset
        else "clock_timestamp()"
    )


class Base(DeclarativeBase):
    """Base of all our models. No foreign key ever leads into a table of the host."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
