"""A condition on ids that are looked up one by one, however many the database expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    SelectBase,
    any_,
    bindparam,
    func,
    select,
)


def one_of(connection: Connection, column: Any, found: SelectBase) -> ColumnElement[bool]:
    """Whether ``column``, which has an index, is one of the few ids that ``found`` selects.

    For ``IN`` PostgreSQL guesses how many there are, and where it guesses too many (conditions that go
    together, as those of the partial indexes do) it reads the whole table. Of an array it expects few.
    It also evaluates the array once, while an ``IN`` with a LIMIT that locks may choose anew for each row.
    """
    if connection.dialect.name == "postgresql":
        condition: ColumnElement[bool] = column == any_(func.array(found.scalar_subquery()))
        return condition
    chosen: ColumnElement[bool] = column.in_(found)
    return chosen


def is_in(connection: Connection, column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether ``column`` is one of many ``ids``: one parameter for PostgreSQL, and the same statement however many they are."""
    if connection.dialect.name == "postgresql":
        return one_of(connection, column, select(func.unnest(bindparam(None, list(ids), ARRAY(BigInteger)))))
    chosen: ColumnElement[bool] = column.in_(ids)
    return chosen


def locked_in_order(dialect: str, column: Any, ids: Any) -> ColumnElement[bool]:
    """Whether ``column``, the primary key, is one of ``ids``; PostgreSQL locks all their rows first, in ascending order.

    An UPDATE locks rows as it meets them, and two that meet the same ones differently wait for each other.
    """
    if dialect != "postgresql":
        chosen: ColumnElement[bool] = column.in_(ids)
        return chosen
    key = column.table.alias("chosen").c[column.key]
    found = select(key).where(key.in_(ids)).order_by(key).with_for_update(key_share=True)
    condition: ColumnElement[bool] = column == any_(func.array(found.scalar_subquery()))
    return condition
