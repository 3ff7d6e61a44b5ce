"""What PostgreSQL writes for a text that is answered and delivered: WAL, row versions, index entries.

Texts of known senders come in one after the other; each is answered some texts later, and its two status callbacks
come some texts after that, so that rows grow old beside new ones as they do in a day's work. WAL is counted without
the full pages after a checkpoint and without what autovacuum writes: both depend on the time and not on the texts.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, text

from bench.signed import signed_status, signed_text
from bench.webhook_apps import connected, plugin
from demo.twilio_simulator import Simulator
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.answer_session import answer_session

APART = 40
"""Texts that come in before the next thing happens to one."""
SENDERS = 160
LSN = text("SELECT pg_current_wal_insert_lsn()")
RECORDS = text(
    'SELECT "resource_manager/record_type" AS kind, count, record_size FROM pg_get_wal_stats(:start, :end, true)'
    " WHERE count > 0 ORDER BY record_size DESC"
)
ENTRIES = ("Btree/INSERT_LEAF", "Btree/INSERT_POST", "Btree/SPLIT_L", "Btree/SPLIT_R")
SESSION = text("SELECT id FROM sms_sessions WHERE phone_number = :phone")
NEWEST = text(
    "SELECT id, message_sid FROM sms_messages WHERE direction = 'outbound' AND to_number = :phone ORDER BY id DESC"
    " LIMIT 1"
)
TUPLES = text(
    "SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname LIKE 'sms\\_%'"
)


@dataclass
class Written:
    """For one text with its answer and two callbacks."""

    wal: Counter[str] = field(default_factory=Counter)
    """Bytes by what happened."""
    updates: dict[str, float] = field(default_factory=dict)
    hot: dict[str, float] = field(default_factory=dict)
    """Of the updates by table, those that wrote no index entry."""
    index_entries: float = 0.0
    records: dict[str, tuple[float, float]] = field(default_factory=dict)
    """How many of each kind of WAL record, and their bytes."""

    @property
    def bytes(self) -> float:
        return sum(self.wal.values())

    @property
    def hot_share(self) -> float:
        """Of the updates of messages."""
        return self.hot["sms_messages"] / self.updates["sms_messages"]


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench writes", description=__doc__)
    options.add_argument("--texts", type=int, default=200)
    options.add_argument("--records", action="store_true", help="by kind of WAL record, too")
    chosen = options.parse_args(arguments)
    found = measure(chosen.texts)
    print("for each text that is answered and delivered, PostgreSQL:")
    print(f"  WAL {found.bytes:.0f} bytes: " + ", ".join(f"{name} {n:.0f}" for name, n in found.wal.items()))
    print(f"  index entries {found.index_entries:.1f}")
    for table, updates in found.updates.items():
        print(f"  updates of {table} {updates:.1f}, HOT {found.hot[table] / updates:.0%}")
    for kind, (count, size) in found.records.items() if chosen.records else ():
        print(f"  {kind:24} {count:5.1f} {size:6.0f} bytes")


def measure(texts: int) -> Written:
    with connected() as url, Simulator() as twilio:
        server = create_engine(url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for setting in ("full_page_writes", "autovacuum"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_walinspect"))
        app = plugin(SMS_TWILIO_API_URL=twilio.url)
        with app.app_context():
            _live_through(app, server, SENDERS, Counter())
            return _measured(app, server, texts)


def _measured(app: Flask, server: Engine, texts: int) -> Written:
    wal: Counter[str] = Counter()
    with server.connect() as connection:
        before, start = _tuples(app, connection), connection.scalar(LSN)
        _live_through(app, server, texts, wal)
        end, after = connection.scalar(LSN), _tuples(app, connection)
        rows = connection.execute(RECORDS, {"start": start, "end": end}).all()
    records = {row.kind: (float(row.count) / texts, float(row.record_size) / texts) for row in rows}
    changed = {name: [a - b for a, b in zip(after[name], before[name], strict=True)] for name in after}
    return Written(
        wal=Counter({name: round(n / texts) for name, n in wal.items()}),
        updates={name: updates / texts for name, (updates, _hot) in changed.items() if updates},
        hot={name: hot / texts for name, (updates, hot) in changed.items() if updates},
        index_entries=sum(records[kind][0] for kind in ENTRIES if kind in records),
        records=records,
    )


def _live_through(app: Flask, server: Engine, texts: int, wal: Counter[str]) -> None:
    """So many texts, from their webhooks to their deliveries."""
    with server.connect() as connection:

        def did(name: str, work: Callable[[], object]) -> None:
            before = _position(connection)
            work()
            wal[name] += _position(connection) - before

        def report(at: int, status: str) -> None:
            answer = connection.execute(NEWEST, {"phone": _phone(at)}).one()
            made = signed_status(answer.message_sid, status, to=_phone(at), message_id=answer.id)
            did("two callbacks", lambda: made.post_to(app))

        for number in range(texts + 3 * APART):
            text_in, answered, sent, delivered = (number - steps * APART for steps in range(4))
            if text_in < texts:
                made = signed_text(_phone(text_in), "What are your opening hours tomorrow?")
                did("text", partial(made.post_to, app))
            if 0 <= answered < texts:
                session = connection.scalar(SESSION, {"phone": _phone(answered)})
                did("answer", partial(answer_session, current_runtime(), session))
            if 0 <= sent < texts:
                report(sent, "sent")
            if 0 <= delivered < texts:
                report(delivered, "delivered")


def _phone(at: int) -> str:
    return f"+1555{at % SENDERS:07}"


def _position(connection: Connection) -> int:
    """Bytes of WAL so far."""
    return int(connection.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) or 0)


def _tuples(app: Flask, server: Connection) -> dict[str, tuple[int, int]]:
    """Updates and HOT updates by table. A connection tells what it did when it ends."""
    app.extensions["sqlalchemy"].engine.dispose()
    server.execute(text("SELECT pg_stat_clear_snapshot()"))
    return {row.relname: (row.n_tup_upd, row.n_tup_hot_upd) for row in server.execute(TUPLES)}
