"""Fill a database with a busy channel's messages, by one statement per table, in seconds per million."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, case, cast, func, insert, literal, literal_column, select, text
from sqlalchemy import Numeric as SqlNumeric
from sqlalchemy.sql import ColumnElement

from illumichat_sms_plugin.models import SmsMessage, SmsSession

DAYS = 90
MESSAGES_PER_SESSION = 20


def fill(engine: Engine, channel_id: int, count: int) -> None:
    """``count`` messages spread evenly over the last 90 days: every second one answers the one before."""
    indexes = sorted(SmsMessage.__table__.indexes, key=lambda index: str(index.name))  # type: ignore[attr-defined]
    for index in indexes:
        index.drop(engine)
    with engine.begin() as connection:
        _without_checks(connection)
        _teach_sqlite_to_reverse(connection)
        sessions = max(count // MESSAGES_PER_SESSION, 10)
        _fill_table(connection, SmsSession, sessions, _session_columns(connection, channel_id, sessions))
        _fill_table(connection, SmsMessage, count, _message_columns(connection, channel_id, count, sessions))
    for index in indexes:
        index.create(engine)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE sms_messages")
            connection.exec_driver_sql("VACUUM ANALYZE sms_sessions")


def _teach_sqlite_to_reverse(connection: Connection) -> None:
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.create_function("reverse", 1, lambda words: words[::-1])


def _without_checks(connection: Connection) -> None:
    """Foreign keys cost as much as the rows, and what is written here needs no check."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def _session_columns(connection: Connection, channel_id: int, sessions: int) -> dict[str, Any]:
    n = literal_column("series.n")
    last = _time(connection, (n * 7919) % sessions, sessions)
    number = literal("+1") + cast(n + 2_000_000_000, SmsSession.phone_number.type)
    return {
        "id": n,
        "channel_id": literal(channel_id),
        "phone_number": number,
        "reversed_number": func.reverse(number),
        "contact_id": case((n % 3 == 0, literal("cnt_1"))),
        "created_at": last,
        "last_message_at": last,
        "opted_out_at": case((n % 200 == 7, last)),
    }


def _message_columns(connection: Connection, channel_id: int, count: int, sessions: int) -> dict[str, Any]:
    n = literal_column("series.n")
    outbound = n % 2 == 0
    pair = (n + 1) / 2 if connection.dialect.name == "sqlite" else func.div(n + 1, 2)
    trouble = pair % 50
    apology = trouble == 7
    delivered = trouble != 3
    at = _time(connection, n, count)
    return {
        "id": n,
        "channel_id": literal(channel_id),
        "session_id": 1 + (pair * 7919) % sessions,
        "direction": case((outbound, "outbound"), else_="inbound"),
        "message_sid": literal("SM") + cast(n + 10**15, SmsMessage.message_sid.type),
        "from_number": literal("+15551230001"),
        "to_number": literal("+15557650001"),
        "body": literal("We are open Monday to Friday from 9 to 17, and on Saturday from 10 to 14."),
        "segments": 1 + trouble % 3,
        "created_at": at,
        "in_chat": literal(True),
        "is_test": literal(False),
        "answer_id": case((~outbound, n + 1)),
        "no_reply_reason": case((~outbound & apology, "assistant_failed")),
        "kind": case((outbound & apology, "apology"), (outbound, "answer")),
        "send_state": case((outbound, "accepted")),
        "status": case((outbound & delivered, "delivered"), (outbound, "undelivered")),
        "error_code": case((outbound & ~delivered, 30003)),
        "accepted_at": case((outbound, at)),
        "final_at": case((outbound, _time(connection, n, count, later=1 + trouble / 20))),
        "price": case((n < count * 0.98, cast(literal("0.0083"), SqlNumeric(12, 6)))),
        "price_unit": case((n < count * 0.98, "USD")),
    }


def _fill_table(connection: Connection, model: Any, count: int, columns: dict[str, Any]) -> None:
    """INSERT … SELECT from a series of numbers; further columns get the model's default."""
    table = model.__table__
    for column in table.columns:
        if column.name not in columns and not column.nullable and column.default is not None:
            columns[column.name] = literal(column.default.arg, column.type)
    chosen = select(*(expression.label(name) for name, expression in columns.items()))
    if connection.dialect.name == "postgresql":
        series = text(f"generate_series(CAST(1 AS bigint), CAST({count} AS bigint)) AS series(n)")
    else:
        series = text(
            f"(WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < {count})"
            " SELECT n FROM counting) AS series"
        )
    connection.execute(
        insert(table).from_select(list(columns), chosen.select_from(series), include_defaults=False)
    )


def _time(connection: Connection, number: Any, count: int, later: Any = 0) -> ColumnElement[Any]:
    """The ``number``-th of ``count`` instants up to now; text on SQLite as SQLAlchemy stores it."""
    step = DAYS * 86400 / count
    seconds = (count - number) * literal_column(repr(step)) - later
    if connection.dialect.name == "postgresql":
        return func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    epoch = func.unixepoch("now") - seconds
    return func.strftime("%Y-%m-%d %H:%M:%f", epoch, "unixepoch") + literal("000")
