"""A condition on ids that are looked up one by one, however many the database expects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, SelectBase, any_, func, select


def one_of(connection: Connection, column: Any, found: SelectBase) -> ColumnElement[bool]:
    """Whether ``column``, which has an index, is one of the few ids that ``found`` selects.

    For ``IN`` PostgreSQL guesses how many there are, and where it guesses too many (conditions that go
    together, as those of the partial indexes do) it reads the whole table. Of an array it expects few.
    """
    if connection.dialect.name == "postgresql":
        condition: ColumnElement[bool] = column == any_(func.array(found.scalar_subquery()))
        return condition
    chosen: ColumnElement[bool] = column.in_(found)
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
