"""``flask db`` and ``flask demo seed``."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, select, text

from demo.host.access import digest
from demo.host.database import db
from demo.host.models import ApiKey, Assistant, KnowledgeDocument
from tests.demo_host.conftest import new_app


def flask(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, f"{result.output} {result.exception!r}"
    return result.output


def tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(inspect(db.engine).get_table_names())


def test_the_migrations_make_what_the_models_say_and_can_be_taken_back(either: Flask) -> None:
    flask(either, "db", "check")
    flask(either, "db", "downgrade", "base")
    assert tables(either) == {"alembic_version"}
    flask(either, "db", "upgrade")
    flask(either, "db", "check")


def test_tables_of_a_plugin_are_left_alone(app: Flask) -> None:
    """Neither check nor a new migration wants to drop them."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE sms_messages (id INTEGER PRIMARY KEY, body TEXT)"))
        connection.execute(text("CREATE INDEX ix_sms_messages_body ON sms_messages (body)"))
        connection.execute(text("CREATE TABLE alembic_version_sms (version_num VARCHAR(32) PRIMARY KEY)"))
    flask(app, "db", "check")
    flask(app, "db", "upgrade")
    assert {"sms_messages", "alembic_version_sms"} <= tables(app)


def test_seeding_twice_adds_nothing_and_keeps_what_people_changed(tmp_path: Path, seeded_file: Path) -> None:
    shutil.copy(seeded_file, tmp_path / "host.sqlite3")
    app = new_app(DATABASE_PATH=tmp_path / "host.sqlite3")
    with app.app_context():
        db.session.get_one(Assistant, "ast_support").name = "Renamed"
        db.session.delete(db.session.get_one(KnowledgeDocument, "doc_support_01"))
        db.session.commit()
    assert "nothing is new" in flask(app, "demo", "seed")
    with app.app_context():
        assert db.session.get_one(Assistant, "ast_support").name == "Renamed"
        assert db.session.get(KnowledgeDocument, "doc_support_01") is None


def test_the_seed_keeps_no_api_key_that_can_be_read(app: Flask) -> None:
    with app.app_context():
        kept = set(db.session.scalars(select(ApiKey.digest)))
    assert kept == {digest("wsk_live_acme"), digest("wsk_live_globex")}
    assert not any("wsk_live" in value for value in kept)


def test_sqlite_lets_readers_and_a_writer_work_side_by_side(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}
