"""A host whose autogenerate would drop our tables is warned when it starts."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from illumichat_sms_plugin.host_migrations import leaves_our_tables_alone, warn_of_migrations

GENERATED = """
from alembic import context
def run_migrations_online():
    conf_args = current_app.extensions['migrate'].configure_args
    context.configure(connection=connection, target_metadata=get_metadata(), **conf_args)
"""
STEP_4 = """
def include_name(name, type_, parent_names):
    return type_ != "table" or not (name.startswith("sms_") or name == "alembic_version_sms")
context.configure(connection=connection, include_name=include_name, **conf_args)
"""


@pytest.mark.parametrize(
    ("env", "alone"),
    [
        (GENERATED, False),
        (STEP_4, True),
        (STEP_4.replace("include_name=include_name, ", ""), False),
        (STEP_4.replace("sms_", "crm_"), False),
        ('conf_args["include_object"] = lambda o, name, *_: not name.startswith("sms_")', True),
        ("from filters import ours\ncontext.configure(include_object=ours)", True),
        ("context.configure(include_name=lambda *_: True)", False),
        ("this is no Python", True),
    ],
)
def test_what_an_env_says_of_our_tables(env: str, *, alone: bool) -> None:
    assert leaves_our_tables_alone(env) is alone


def test_an_app_that_has_been_used_and_dropped_is_gone() -> None:
    """A host's tests make an app each; one that stays makes every garbage collection slower."""
    app = Flask("host")
    warn_of_migrations(app)
    with app.app_context():
        pass
    dropped = weakref.ref(app)
    del app
    gc.collect()
    assert dropped() is None


@pytest.fixture
def env(tmp_path: Path) -> Path:
    (tmp_path / "env.py").write_text(GENERATED)
    return tmp_path / "env.py"


def test_the_start_warns(env: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("host")
    app.extensions["migrate"] = SimpleNamespace(directory=str(env.parent))
    warn_of_migrations(app)
    assert f"{env} does not leave the tables sms_* alone" in caplog.text


def test_a_host_that_sets_up_its_migrations_after_the_plugin_is_warned_once(
    env: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("host")
    warn_of_migrations(app)
    app.extensions["migrate"] = SimpleNamespace(directory=str(env.parent))
    for _ in range(2):
        with app.app_context():
            pass
    assert caplog.text.count("sms_*") == 1


@pytest.mark.parametrize("given", ["include_name", "include_object"])
def test_a_filter_handed_to_flask_migrate_is_one(
    given: str, env: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("host")
    Migrate(app, SQLAlchemy(), directory=str(env.parent), **{given: lambda *_: True})
    warn_of_migrations(app)
    assert caplog.text == ""


@pytest.mark.parametrize("directory", [None, "nowhere"])
def test_a_host_without_migrations_is_not_spoken_to(
    directory: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("host")
    app.extensions["migrate"] = SimpleNamespace(directory=directory)
    warn_of_migrations(app)
    assert caplog.text == ""
