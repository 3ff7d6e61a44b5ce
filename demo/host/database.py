"""The host's database: SQLite or PostgreSQL, through Flask-SQLAlchemy and Flask-Migrate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session

MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    """Base of the host's models."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def init_app(app: Flask) -> None:
    """Connect ``app`` to its database and add ``flask db``."""
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(app.config)
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, include_name=belongs_to_host)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)


@contextmanager
def transaction() -> Iterator[Session]:
    """A short transaction of its own: committed at the end of the block, rolled back by an exception."""
    with Session(db.engine, expire_on_commit=False) as session, session.begin():
        yield session


def insert_or_conflict(session: Session, model: type[Base]) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing``, which both databases have."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model)


def belongs_to_host(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether ``flask db migrate`` and ``check`` look at it: tables of plugins are not ours to drop."""
    return kind != "table" or not str(name).startswith(("sms_", "alembic_version_"))


def _engine_options(config: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {
        "pool_size": config["DB_POOL_SIZE"],
        "max_overflow": config["DB_MAX_OVERFLOW"],
        "pool_timeout": config["DB_POOL_TIMEOUT"],
    }
    if make_url(config["SQLALCHEMY_DATABASE_URI"]).get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": config["DB_BUSY_TIMEOUT"]}
    else:
        options["connect_args"] = {"connect_timeout": config["DB_CONNECT_TIMEOUT"]}
        options["pool_recycle"] = 1800
    return options | config.get("SQLALCHEMY_ENGINE_OPTIONS", {})


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers and one writer side by side (WAL), and foreign keys that hold."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
