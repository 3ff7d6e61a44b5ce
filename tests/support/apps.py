"""A Flask app with the plugin in it, on a database of the test's choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase
from werkzeug.test import TestResponse

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.plugin import SmsPlugin
from tests.support.done_once import STATEMENTS, TEMPLATES
from tests.support.memory_host import MemoryHost

PUBLIC_URL = "https://chat.example.com"
KEY = generate_key()
LAYOUT = "<!doctype html><html lang=en><head><title>{% block title %}{% endblock %}</title>{% block head %}{% endblock %}</head><body>{% block content %}{% endblock %}</body></html>"


class WholeAnswers(FlaskClient):
    """Reads each answer to its end, as a server does: one that is half sent keeps its request context."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **kwargs)


def sqlite_url(path: Path) -> str:
    """URL of a SQLite file."""
    return f"sqlite:///{path}"


def make_app(database_url: str, host: MemoryHost, *, db: SQLAlchemy | None = None, **config: Any) -> Flask:
    """An app as a host would make it, with the plugin installed."""

    class HostBase(DeclarativeBase):
        pass

    app = Flask("test_host")
    app.test_client_class = WholeAnswers
    app.jinja_loader = DictLoader({"layout.html": LAYOUT})
    app.jinja_options = {"bytecode_cache": TEMPLATES}
    app.config.update(
        TESTING=True,
        SECRET_KEY="test",
        SQLALCHEMY_DATABASE_URI=database_url,
        SMS_PUBLIC_URL=PUBLIC_URL,
        SMS_ENCRYPTION_KEYS=[KEY],
        SMS_LONGEST_WAIT_FOR_TEXTS=0,  # tests of the wait set it
    )
    app.config.update(config)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "execution_options": {"compiled_cache": STATEMENTS},
        **config.get("SQLALCHEMY_ENGINE_OPTIONS", {}),
    }
    db = db or SQLAlchemy(model_class=HostBase)
    db.init_app(app)
    if database_url.startswith("sqlite"):
        with app.app_context():
            event.listen(db.engine, "connect", sqlite_pragmas)
    SmsPlugin().init_app(app, host)
    return app


def let_go_of(app: Flask) -> None:
    """Close what the app has open."""
    app.extensions["illumichat_sms"].rejections.close()
    app.extensions["illumichat_sms"].event_counts.close()
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def sqlite_pragmas(connection: Any, record: Any) -> None:
    """As a host sets them for each connection."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=OFF", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
