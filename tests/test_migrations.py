"""Our migration chain beside the host's: up, down, and nobody disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.models import Base
from tests.support.apps import sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        found = create_engine(sqlite_url(tmp_path / "empty.sqlite"))
        yield found
    else:
        server = create_engine(request.getfixturevalue("postgresql_server"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS sms_migrations"))
            connection.execute(text("CREATE DATABASE sms_migrations"))
        found = create_engine(server.url.set(database="sms_migrations"))
        yield found
        found.dispose()
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE sms_migrations WITH (FORCE)"))
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
