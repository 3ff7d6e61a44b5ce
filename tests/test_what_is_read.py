"""What is read does not grow with what is kept: a page or a chore that scans a table fails here.

Each runs on 36,000 texts in 12,000 sessions of a channel, of which few need anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, insert, select, update

from bench import analytics_fill
from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import (
    Base,
    SmsChannel,
    SmsMessage,
    SmsRest,
    SmsRetention,
    SmsSession,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics import cut_answers
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from illumichat_sms_plugin.services.health import read_figures
from illumichat_sms_plugin.services.inbound.probe_texts import remove_probes
from illumichat_sms_plugin.services.reconcile.fetch_statuses import check_messages
from illumichat_sms_plugin.services.reconcile.settle_doubt import settle_doubt
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from illumichat_sms_plugin.services.retention.let_go import take_a_turn
from illumichat_sms_plugin.services.sessions import session_list, session_search, text_filter
from tests.support.apps import let_go_of, make_app, sqlite_url
from tests.support.channels import connect, write
from tests.support.database_work import watch_work
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit

TEXTS, PER_SESSION = 36_000, 3
SESSIONS = TEXTS // PER_SESSION
BOUND = 100
"""In place of the thousands that a list is counted to and searched through."""
MOST = 3_500
"""Rows that one statement may read: somewhat more than 90 days have hours, well below the sessions."""

pytestmark = pytest.mark.xdist_group("what is read")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database for the channel with its history; all tests of this file share it, for it takes long to fill."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("busy") / "busy.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield sqlite_url(path)
        return
    url: str = request.getfixturevalue("migrated_postgresql")
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    engine.dispose()


@pytest.fixture(scope="module")
def busy(filled: str, valkey_server: str) -> Iterator[Flask]:
    """A channel with a long history, counted, in which a few texts and sessions need something."""
    host = MemoryHost()
    host.contacts.contacts["cnt_1"] = ("ws_acme", Contact("cnt_1", "Someone", "+12000000003"), "test")
    app = make_app(filled, host, SMS_REDIS_URL=valkey_server)
    connect(app)
    filling = create_engine(filled)  # one on which SQLite does not check foreign keys
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analytics_fill, "MESSAGES_PER_SESSION", PER_SESSION)
        analytics_fill.fill(filling, 1, TEXTS)
    filling.dispose()
    with app.app_context():
        _need_something(app)
        _cut_a_third(app)
        while roll_up(current_runtime()):
            pass
        if engine_of(app).dialect.name == "postgresql":
            with engine_of(app).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
    yield app
    let_go_of(app)


@pytest.fixture(autouse=True)
def _short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (session_list, "COUNTED"),
        (session_list, "LOOKED_THROUGH"),
        (session_search, "LOOKED_THROUGH"),
        (text_filter, "LOOKED_AT"),
        (cut_answers, "MOST"),
        (session_search, "MAX_BY_INDEX"),
    ):
        monkeypatch.setattr(module, name, BOUND)


def engine_of(app: Flask) -> Engine:
    with app.app_context():
        found: Engine = app.extensions["sqlalchemy"].engine
    return found


def _need_something(app: Flask) -> None:
    inbound, outbound = SmsMessage.direction == "inbound", SmsMessage.direction == "outbound"
    for first, condition, values in (
        (1_001, inbound, {"answer_id": None, "no_reply_reason": None}),
        (2_001, inbound, {"in_chat": False}),
        (3_001, inbound, {"is_test": True}),
        (4_001, outbound, {"send_state": "unsettled"}),
        (5_001, outbound, {"send_state": "in_doubt", "check_at": db_now(-5.0)}),
        (6_001, outbound, {"send_state": "sending", "check_at": db_now(-5.0)}),
        (7_001, outbound, {"check_at": db_now(-5.0)}),
        (20_001, outbound, {"check_at": db_now(5000.0)}),
    ):
        last = first + (6 if first < 20_000 else 3_000)
        write(app, SmsMessage, SmsMessage.id.between(first, last) & condition, **values)


def _cut_a_third(app: Flask) -> None:
    """Each third answer was longer than Max Message Length, and its rest is kept."""
    cut = select(
        SmsMessage.id, SmsMessage.channel_id, SmsMessage.session_id, SmsMessage.body, SmsMessage.created_at
    ).where(SmsMessage.direction == "outbound", SmsMessage.id % 3 == 0)
    with app.app_context(), transaction() as connection:
        columns = ["message_id", "channel_id", "session_id", "body", "created_at"]
        connection.execute(insert(SmsRest).from_select(columns, cut))


PAGES = (
    "/sms/ast_support?days=90",
    "/sms/ast_support/analytics?days=90",
    "/sms/ast_support/sessions",
    "/sms/ast_support/sessions?before=1700000000000000-1",
    "/sms/ast_support/sessions?after=1700000000000000-1",
    "/sms/ast_support/sessions?show=opted_out",
    "/sms/ast_support/sessions?show=decision",
    "/sms/ast_support/sessions?show=failed&code=30007",
    "/sms/ast_support/sessions?show=unanswered&reason=stale&q=0500",
    "/sms/ast_support/sessions?show=billed&days=7",
    "/sms/ast_support/sessions?show=machine",
    "/sms/ast_support/sessions?q=%2B12000000500",
    "/sms/ast_support/sessions?q=%2B1200",
    "/sms/ast_support/sessions?q=0500",
    "/sms/ast_support/sessions?q=00005",
    "/sms/ast_support/sessions?q=someone",
    "/sms/ast_support/sessions?q=nobody",
    "/sms/ast_support/sessions?q=%2B1200&show=opted_out",
    "/sms/ast_support/sessions?q=0500&show=decision",
    "/sms/ast_support/sessions/77",
    "/api/sms/sessions/ast_support?limit=100&offset=500",
    "/api/sms/sessions/ast_support/77/messages",
    "/api/sms/analytics/ast_support?days=90",
)


def test_no_page_reads_more_than_it_shows(busy: Flask) -> None:
    for url in PAGES:
        client = visit(busy)
        with watch_work(engine_of(busy)) as watch:
            assert client.get(url).status_code == 200
        assert watch.done, url
        assert watch.too_much(MOST) == "", url


def _change_an_old_text() -> None:
    with transaction() as connection:
        changed = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == 100)
            .values(status="read")
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, changed)


def _let_go(part: str) -> None:
    """A round in the midst of 60 days that are too old, and one of the sessions."""
    with transaction() as connection:
        connection.execute(update(SmsChannel).values(keep_days=30))
        connection.execute(update(SmsRetention).values(part=part, look_at=db_now(-1.0)))
    assert take_a_turn(current_runtime())


def test_no_chore_reads_more_than_there_is_to_do(busy: Flask) -> None:
    chores: dict[str, Callable[[], Any]] = {
        "sweep sessions": lambda: sweep_sessions(current_runtime()),
        "settle doubt": lambda: settle_doubt(current_runtime()),
        "check messages": lambda: check_messages(current_runtime()),
        "roll up analytics": lambda: (_change_an_old_text(), roll_up(current_runtime())),
        "read the metrics": lambda: read_figures(current_runtime()),
        "remove what the Doctor left behind": lambda: remove_probes(1),
        "let old texts go": lambda: [_let_go(part) for part in ("texts", "texts", "sessions")],
    }
    with busy.app_context():
        for name, chore in chores.items():
            with watch_work(engine_of(busy)) as watch:
                chore()
            assert watch.done, name
            assert watch.too_much(MOST) == "", name


def test_a_scan_is_noticed(busy: Flask) -> None:
    """Else the tests above would say nothing."""
    by_time = select(SmsMessage.id).where(SmsMessage.channel_id == 1).order_by(SmsMessage.created_at)
    scans: tuple[Any, ...] = (
        select(SmsSession.id).where(SmsSession.phone_number.contains("00005")),
        select(SmsMessage.id).where(SmsMessage.body == "x"),
        select(SmsSession.id).order_by(SmsSession.created_at).limit(1),
        by_time.limit(1).offset(30_000),
        update(SmsMessage).where(SmsMessage.price_unit == "x").values(looks=1).returning(SmsMessage.id),
    )
    for scan in scans:
        with busy.app_context(), watch_work(engine_of(busy)) as watch, transaction() as connection:
            connection.execute(scan).all()
        assert watch.too_much(MOST) != "", scan
