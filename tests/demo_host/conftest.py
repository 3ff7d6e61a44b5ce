"""A seeded host on a database of its own for every test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from demo.host import create_app, seed
from demo.host.database import db, transaction

PEOPLE = {
    "owner": "usr_acme_owner",
    "admin": "usr_acme_admin",
    "member": "usr_acme_member",
    "guest": "usr_acme_guest",
    "other": "usr_globex_admin",
}


def new_app(**config: Any) -> Flask:
    """A host without plugins; the tests that want one say so."""
    return create_app({"TESTING": True, "SECRET_KEY": "test", "ILLUMICHAT_PLUGINS": "none", **config})


def fill(app: Flask) -> None:
    """Bring the database up to date and seed it."""
    with app.app_context():
        flask_migrate.upgrade()
        with transaction() as session:
            seed.seed(session)
        db.engine.dispose()


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and seeded SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("demo-host") / "seeded.sqlite3"
    fill(new_app(DATABASE_PATH=path))
    return path


@pytest.fixture
def make(seeded_file: Path, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make hosts with settings of the test's choice, all on one seeded SQLite file."""
    path, apps = tmp_path / "host.sqlite3", []
    shutil.copy(seeded_file, path)

    def make_one(**config: Any) -> Flask:
        apps.append(new_app(**{"DATABASE_PATH": path, **config}))
        return apps[-1]

    yield make_one
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make: Callable[..., Flask]) -> Flask:
    """The seeded host."""
    return make()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The seeded host, once on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    server = make_url(request.getfixturevalue("postgresql_server"))
    name = f"demo_host_{secrets.token_hex(4)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    app = new_app(DATABASE_URL=server.set(database=name).render_as_string(hide_password=False))
    fill(app)
    yield app
    with app.app_context():
        db.engine.dispose()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which somebody is signed in: owner, admin, member, guest, other or nobody."""

    def browser(who: str) -> FlaskClient:
        client = app.test_client()
        if who != "nobody":
            token = csrf_token(client, "/sign-in")
            client.post("/sign-in", data={"person": PEOPLE[who], "csrf_token": token})
        return client

    return browser


def csrf_token(client: FlaskClient, page: str) -> str:
    """The token in a form of this page."""
    form = client.get(page).text
    return form.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
