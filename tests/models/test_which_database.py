"""Hosts with other databases, several databases, schemas of their own, or processes that fork."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click import ClickException
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, create_engine, inspect, make_url, text

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.models import Base
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.which_database import engine
from tests.support.apps import make_app, sqlite_url
from tests.support.channels import connect, outbound, run_jobs, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
DRIVER = SimpleNamespace(paramstyle="format", Error=Exception)
"""In place of a driver of MySQL, which is never called."""


@pytest.mark.parametrize("url", ["mysql+pymysql://u@127.0.0.1:1/x", "mariadb+pymysql://u@127.0.0.1:1/x"])
def test_another_kind_of_database_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(StartRefused, match=r"works on PostgreSQL and SQLite, not on (mysql|mariadb)"):
        make_app(url, MemoryHost(), SQLALCHEMY_ENGINE_OPTIONS={"module": DRIVER})


def test_and_at_every_command_in_one_line() -> None:
    def factory() -> Flask:
        options = {"module": DRIVER}
        return make_app("mysql+pymysql://u@127.0.0.1:1/x", MemoryHost(), SQLALCHEMY_ENGINE_OPTIONS=options)

    done = CliRunner().invoke(FlaskGroup(create_app=factory), ["sms", "upgrade"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: The SMS channel works on PostgreSQL and SQLite, not on mysql")
    assert done.output.count("\n") == 1


def test_migrations_do_not_begin_there_either() -> None:
    with pytest.raises(StartRefused, match="Nothing was created"):
        migrating.upgrade(create_engine("mysql+pymysql://u@127.0.0.1:1/x", module=DRIVER))


def test_a_refused_start_is_a_sentence_on_the_terminal() -> None:
    assert issubclass(StartRefused, ClickException)
    assert str(StartRefused("Do this.")) == "Do this."


def test_a_host_with_several_databases_names_the_one(tmp_path: Path, redis_url: str, twilio: Any) -> None:
    binds = {"texts": sqlite_url(tmp_path / "texts.sqlite"), "other": sqlite_url(tmp_path / "other.sqlite")}
    config = {"SQLALCHEMY_BINDS": binds, "SQLALCHEMY_DATABASE_URI": None, "SMS_REDIS_URL": redis_url}
    app = make_app("", MemoryHost(), **config, SMS_DATABASE_BIND="texts", SMS_TWILIO_API_URL=twilio.url)
    assert app.test_cli_runner().invoke(args=["sms", "upgrade"]).exit_code == 0
    connect(app)
    text_in(app)
    run_jobs(app)
    assert len(outbound(app)) == 1
    assert inspect(create_engine(binds["texts"])).has_table("sms_messages")
    assert not inspect(create_engine(binds["other"])).has_table("sms_messages")


@pytest.mark.parametrize(
    ("bind", "sentence"),
    [
        ("", r"no SQLALCHEMY_DATABASE_URI: name one of SQLALCHEMY_BINDS \(texts\) in SMS_DATABASE_BIND"),
        ("typo", "SMS_DATABASE_BIND names 'typo'; SQLALCHEMY_BINDS has texts"),
    ],
)
def test_a_database_that_is_not_there_is_named(tmp_path: Path, bind: str, sentence: str) -> None:
    binds = {"texts": sqlite_url(tmp_path / "texts.sqlite")}
    with pytest.raises(StartRefused, match=sentence):
        make_app(
            "", MemoryHost(), SQLALCHEMY_BINDS=binds, SQLALCHEMY_DATABASE_URI=None, SMS_DATABASE_BIND=bind
        )


@pytest.fixture
def narrow(postgresql_server: str) -> Iterator[str]:
    """A database in which our role has a schema of its own and no rights on ``public``."""
    server = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    name = f"sms_narrow_{os.getpid()}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'narrow'")
    inside = create_engine(server.url.set(database=name), isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.exec_driver_sql(f"CREATE SCHEMA app AUTHORIZATION {name}")
    inside.dispose()
    yield server.url.set(database=name, username=name, password="narrow").render_as_string(False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        connection.exec_driver_sql(f"DROP ROLE {name}")
    server.dispose()


def test_a_role_without_rights_is_told_what_to_do(narrow: str) -> None:
    app = make_app(narrow, MemoryHost())
    done = app.test_cli_runner().invoke(args=["sms", "upgrade"])
    assert done.exit_code == 1
    assert "SMS_DATABASE_SCHEMA" in done.output
    assert done.output.count("\n") == 1


def test_a_schema_of_its_own(narrow: str, redis_url: str, twilio: Any) -> None:
    config = {"SMS_REDIS_URL": redis_url, "SMS_TWILIO_API_URL": twilio.url, "SMS_DATABASE_SCHEMA": "app"}
    app = make_app(narrow, MemoryHost(), **config)
    assert app.test_cli_runner().invoke(args=["sms", "upgrade"]).exit_code == 0
    connect(app)
    text_in(app)
    run_jobs(app)
    assert len(outbound(app)) == 1
    assert app.test_client().get("/api/sms/health").json["database"] == "ok"  # type: ignore[index]
    found: Engine = create_engine(narrow)
    assert set(inspect(found).get_table_names(schema="app")) == {*Base.metadata.tables, "alembic_version_sms"}
    with app.app_context(), engine().connect() as connection:
        after = connection.exec_driver_sql("SHOW search_path").scalar()
    assert after != "app", "the host's own statements find what they found before"
    found.dispose()
    with app.app_context():
        engine().dispose()


@pytest.mark.parametrize(("schema", "word"), [("app; DROP", "plain name"), ("app", "PostgreSQL")])
def test_a_schema_that_cannot_be_is_refused(schema: str, word: str) -> None:
    with pytest.raises(StartRefused, match=word):
        make_app("sqlite://", MemoryHost(), SMS_DATABASE_SCHEMA=schema)


@POSTGRESQL
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_forks_keeps_its_connections_to_itself(connected: Flask) -> None:
    """gunicorn --preload: a factory that has asked its database leaves an open connection to every worker."""
    mine = sql(connected, "SELECT pg_backend_pid()").scalar()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with connected.app_context(), transaction() as connection:
            os.write(writer, str(connection.scalar(text("SELECT pg_backend_pid()"))).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    assert 0 < int(os.read(reader, 20)) != mine
    os.close(reader)
    assert sql(connected, "SELECT pg_backend_pid()").scalar() == mine


@POSTGRESQL
@pytest.mark.parametrize("driver", ["postgresql+psycopg", "postgresql+psycopg2"])
@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE", "REPEATABLE READ"])
def test_an_engine_with_an_isolation_of_its_own(
    make: Callable[..., Flask], database_url: str, level: str, driver: str
) -> None:
    """Ours are transactions all the same, and the host's statements have what it wants."""
    url = make_url(database_url).set(drivername=driver).render_as_string(hide_password=False)
    app = make(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS={"isolation_level": level})
    beat = "INSERT INTO sms_heartbeats (name, beat_at) VALUES ('x', now())"
    with app.app_context():
        for _ in range(2):
            with pytest.raises(ZeroDivisionError), transaction() as connection:
                connection.exec_driver_sql(beat)
                assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
                _ = 1 / 0
        with app.extensions["sqlalchemy"].engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            assert ("AUTOCOMMIT" if raw.autocommit else connection.get_isolation_level()) == level
            assert connection.exec_driver_sql("SELECT count(*) FROM sms_heartbeats").scalar() == 0
    connect(app)
    assert text_in(app).status_code == 200


def test_two_apps_in_one_process_have_a_database_each(tmp_path: Path, make: Callable[..., Flask]) -> None:
    first, second = make(), make_app(sqlite_url(tmp_path / "second.sqlite"), MemoryHost())
    assert second.test_cli_runner().invoke(args=["sms", "upgrade"]).exit_code == 0
    connect(first)
    assert sql(first, "SELECT count(*) FROM sms_channels").scalar() == 1
    assert sql(second, "SELECT count(*) FROM sms_channels").scalar() == 0


def test_a_naming_convention_of_the_host_names_nothing_of_ours(tmp_path: Path) -> None:
    """Else the migrations would look for constraints of other names."""

    def names(app: Flask) -> set[str | None]:
        assert app.test_cli_runner().invoke(args=["sms", "upgrade"]).exit_code == 0
        with app.app_context():
            found = inspect(engine())
            tables = [name for name in found.get_table_names() if name.startswith("sms_")]
            uniques = {unique["name"] for name in tables for unique in found.get_unique_constraints(name)}
            return uniques | {index["name"] for name in tables for index in found.get_indexes(name)}

    odd = MetaData(naming_convention={"ix": "host_%(column_0_label)s", "uq": "host_u_%(column_0_name)s"})
    plain = make_app(sqlite_url(tmp_path / "plain.sqlite"), MemoryHost())
    named = make_app(sqlite_url(tmp_path / "named.sqlite"), MemoryHost(), db=SQLAlchemy(metadata=odd))
    assert names(named) == names(plain)
    assert len(names(plain)) > 10
