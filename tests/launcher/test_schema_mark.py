"""A start skips preparing the database only when preparing would change nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from demo.launcher import schema_mark as module
from demo.launcher.schema_mark import schema_mark


def database(path: Path, host: str = "0001", sms: str = "0002") -> Path:
    """A file at these versions."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, version in (("alembic_version", host), ("alembic_version_sms", sms)):
            connection.execute(f"CREATE TABLE {table} (version_num TEXT)")
            connection.execute(f"INSERT INTO {table} VALUES (?)", (version,))
    return path


def test_the_same_checkout_and_versions_have_the_same_mark(tmp_path: Path):
    assert schema_mark(database(tmp_path / "a")) == schema_mark(database(tmp_path / "b"))


def test_a_downgrade_changes_the_mark(tmp_path: Path):
    assert schema_mark(database(tmp_path / "a")) != schema_mark(database(tmp_path / "b", sms="0001"))


def test_a_new_migration_or_seed_changes_the_mark(tmp_path: Path, monkeypatch):
    marks = {schema_mark(database(tmp_path / "a"))}
    for folder in module.MADE_FROM:
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for folder in module.MADE_FROM:
        (tmp_path / folder / "new.py").write_text(f"# {folder}")
        marks.add(schema_mark(tmp_path / "a"))
    assert len(marks) == 1 + len(module.MADE_FROM)


def test_a_database_that_is_missing_empty_or_none_has_no_mark(tmp_path: Path):
    assert schema_mark(tmp_path / "missing") is None
    assert not (tmp_path / "missing").exists()
    (tmp_path / "empty").touch()
    (tmp_path / "none").write_text("no database" * 100)
    assert schema_mark(tmp_path / "empty") is None
    assert schema_mark(tmp_path / "none") is None
