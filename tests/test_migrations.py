"""Our migration chain beside the host's: up, down, and nobody disturbed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.models import Base
from tests.support.apps import sqlite_url

NAME = f"sms_migrations_{os.getpid()}"
"""Several test processes may share one server."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        found = create_engine(sqlite_url(tmp_path / "empty.sqlite"))
        yield found
    else:
        server = create_engine(request.getfixturevalue("postgresql_server"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {NAME}"))
            connection.execute(text(f"CREATE DATABASE {NAME}"))
        found = create_engine(server.url.set(database=NAME))
        yield found
        found.dispose()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
        server.dispose()
    found.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_up_creates_what_the_models_say(engine: Engine) -> None:
    migrating.upgrade(engine)
    assert tables(engine) == {*Base.metadata.tables, "alembic_version_sms"}
    migrating.check(engine)
    assert migrating.current_revision(engine) == migrating.head_revision()


def test_down_leaves_no_table_of_ours(engine: Engine) -> None:
    migrating.upgrade(engine)
    migrating.downgrade(engine, "base")
    assert tables(engine) <= {"alembic_version_sms"}


def test_up_down_up_works_with_rows_in_the_way(engine: Engine) -> None:
    migrating.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO sms_heartbeats (name, beat_at) VALUES ('x', '2026-01-01 00:00:00')")
        )
    migrating.downgrade(engine, "base")
    migrating.upgrade(engine)
    migrating.check(engine)


def test_every_step_goes_down_and_up_again(engine: Engine) -> None:
    migrating.upgrade(engine)
    while (revision := migrating.current_revision(engine)) is not None:
        migrating.downgrade(engine, "-1")
        assert migrating.current_revision(engine) != revision
    migrating.upgrade(engine)
    migrating.check(engine)


def test_sessions_of_before_are_found_by_their_last_digits_too(engine: Engine) -> None:
    migrating.upgrade(engine, "0008")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sms_channels (assistant_id, workspace_id, enabled, max_message_length,"
                " contact_matching, auto_create_contacts, opt_out_words, version, created_at, updated_at)"
                " VALUES ('ast', 'ws', true, 160, false, false, '', 1, '2026-01-01', '2026-01-01')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO sms_sessions (channel_id, phone_number, attempts, created_at, last_message_at)"
                " VALUES (1, '+15557654321', 0, '2026-01-01', '2026-01-01')"
            )
        )
    migrating.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT reversed_number FROM sms_sessions")) == "12345675551+"


CHANNEL = (
    "INSERT INTO sms_channels (id, assistant_id, workspace_id, account_sid, phone_number, auth_token, enabled,"
    " max_message_length, contact_matching, auto_create_contacts, opt_out_words, attention_code, version,"
    " connected_at, created_at, updated_at) VALUES (:id, :name, 'ws', 'AC1', :number, 'x', true, 160, false, false,"
    " '', :trouble, 1, '2026-01-02', '2026-01-01', '2026-01-01')"
)
SESSION = (
    "INSERT INTO sms_sessions (id, channel_id, phone_number, reversed_number, attempts, created_at, last_message_at)"
    " VALUES (:id, :id, '+15557654321', '', 0, '2026-01-01', '2026-01-01')"
)
ANSWER = (
    "INSERT INTO sms_messages (channel_id, session_id, direction, kind, from_number, to_number, body, segments,"
    " message_sid, send_state, status, in_chat, is_test, status_conflict, looks, resends, created_at)"
    " VALUES (:id, :id, 'outbound', 'answer', :number, '+15557654321', 'Hi', 1, :sid, :state, :status, true, false,"
    " false, 0, 0, :at)"
)


def test_channels_of_before_count_as_confirmed_when_they_have_had_a_text_delivered(engine: Engine) -> None:
    """All others, and those that Twilio refuses, are asked about at once."""
    cases = {
        "delivered": (None, "accepted", "delivered", "2026-02-01", True),
        "read": (None, "accepted", "read", "2026-02-01", True),
        "in other trouble": (30034, "accepted", "delivered", "2026-02-01", True),
        "only sent": (None, "accepted", "sent", "2026-02-01", False),
        "refused": (20003, "accepted", "delivered", "2026-02-01", False),
        "with an invented account": (None, "failed", "delivered", "2026-02-01", False),
        "delivered before it got this account": (None, "accepted", "delivered", "2026-01-01", False),
    }
    migrating.upgrade(engine, "0014")
    with engine.begin() as connection:
        for number, (name, (trouble, state, status, at, _)) in enumerate(cases.items(), 1):
            values = {"id": number, "name": name, "number": f"+1555000000{number}", "trouble": trouble}
            connection.execute(text(CHANNEL), values)
            connection.execute(text(SESSION), {"id": number})
            sent = {"sid": f"SM{number}", "state": state, "status": status, "at": at}
            connection.execute(text(ANSWER), values | sent)
    migrating.upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT assistant_id, confirmed_at IS NOT NULL, look_at IS NULL FROM sms_channels")
        ).all()
    assert {name: confirmed for name, confirmed, _ in rows} == {
        name: case[-1] for name, case in cases.items()
    }
    assert all(confirmed == not_asked for _, confirmed, not_asked in rows)


def test_channels_of_before_are_not_cut_off(engine: Engine) -> None:
    """Their limits start at three times their busiest day, and they go on answering every country."""
    migrating.upgrade(engine, "0019")
    with engine.begin() as connection:
        for number in (1, 2):
            values = {"id": number, "name": str(number), "number": f"+1555000000{number}", "trouble": None}
            connection.execute(text(CHANNEL), values)
            connection.execute(text(SESSION), {"id": number})
        now = connection.scalar(text("SELECT CURRENT_TIMESTAMP"))
        busy = {
            "id": 1,
            "number": "+15550000001",
            "state": "accepted",
            "status": "delivered",
            "at": str(now)[:19],
        }
        connection.execute(text(ANSWER), [busy | {"sid": f"SM{sent}"} for sent in range(50)])
        connection.execute(text(ANSWER), busy | {"sid": "SMold", "at": "2020-01-01"})
        connection.execute(text("UPDATE sms_messages SET segments = 60 WHERE message_sid <> 'SMold'"))
    migrating.upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT answers_per_hour, answers_per_day, segments_per_day, countries FROM sms_channels ORDER BY id"
            )
        ).all()
    assert [tuple(row) for row in rows] == [(150, 150, 9000, "*"), (30, 100, 5000, "*")]


def test_a_table_that_others_refer_to_is_rebuilt_with_all_its_rows(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    migrating.upgrade(engine, "0014")
    with engine.begin() as connection:
        connection.execute(text(CHANNEL), {"id": 1, "name": "a", "number": "+15550000001", "trouble": None})
        connection.execute(text(SESSION), {"id": 1})
    for go in (migrating.upgrade, lambda engine: migrating.downgrade(engine, "0014"), migrating.upgrade):
        go(engine)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM sms_sessions")) == 1
            assert connection.scalar(text("SELECT phone_number FROM sms_channels")) == "+15550000001"
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_going_down_leaves_a_number_with_the_channel_that_rightly_has_it(engine: Engine) -> None:
    migrating.upgrade(engine)
    number = {"number": "+15550000001", "trouble": None}
    with engine.begin() as connection:
        connection.execute(text(CHANNEL), {"id": 1, "name": "draft"} | number)
        connection.execute(text(CHANNEL), {"id": 2, "name": "owner"} | number)
        connection.execute(text("UPDATE sms_channels SET confirmed_at = '2026-01-01' WHERE id = 2"))
    migrating.downgrade(engine, "0014")
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT assistant_id, phone_number FROM sms_channels ORDER BY id")
        ).all()
    assert [tuple(row) for row in rows] == [("draft", None), ("owner", "+15550000001")]


def test_a_hosts_tables_are_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('host_1')"))
        connection.execute(text("CREATE TABLE chats (id INTEGER PRIMARY KEY)"))
    migrating.upgrade(engine)
    migrating.check(engine)
    migrating.downgrade(engine, "base")
    assert {"alembic_version", "chats"} <= tables(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "host_1"


def test_migrations_import_none_of_our_code() -> None:
    for path in (migrating.migrations_folder() / "versions").glob("0*.py"):
        assert "illumichat_sms_plugin" not in path.read_text(encoding="utf-8"), path.name
