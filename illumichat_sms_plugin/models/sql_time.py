"""Time in SQL where SQLite and PostgreSQL have no common words for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class hour_number(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it is
    """The full hours from 1970 to a stored time.

    On SQLite it is taken out of the text that is stored: SQLite's own functions round to the
    millisecond, which lifts the last half of one into the next hour.
    """

    type = BigInteger()
    inherit_cache = True
    name = "hour_number"


@compiles(hour_number, "sqlite")
def _sqlite_hour_number(element: hour_number, compiler: Any, **kwargs: Any) -> str:
    stored = compiler.process(element.clauses, **kwargs)
    days = f"CAST(julianday(substr({stored}, 1, 10)) - 2440587.5 AS INTEGER)"
    return f"({days} * 24 + CAST(substr({stored}, 12, 2) AS INTEGER))"


@compiles(hour_number)
def _sql_hour_number(element: hour_number, compiler: Any, **kwargs: Any) -> str:
    stored = compiler.process(element.clauses, **kwargs)
    return f"CAST(floor(extract(epoch FROM {stored}) / 3600) AS bigint)"


class milliseconds_between(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """The time from the first to the second argument in milliseconds; NULL if either is."""

    type = Float()
    inherit_cache = True
    name = "milliseconds_between"


@compiles(milliseconds_between, "sqlite")
def _sqlite_milliseconds(element: milliseconds_between, compiler: Any, **kwargs: Any) -> str:
    start, end = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400000.0)"


@compiles(milliseconds_between)
def _sql_milliseconds(element: milliseconds_between, compiler: Any, **kwargs: Any) -> str:
    start, end = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"CAST(extract(epoch FROM ({end}) - ({start})) * 1000 AS double precision)"
