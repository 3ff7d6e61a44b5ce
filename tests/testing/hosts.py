"""The two hosts of the document, ready to be tried, and to be spoiled."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from flask import Flask
from sqlalchemy import create_engine

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.testing import Trial
from tests.support.apps import KEY, PUBLIC_URL, sqlite_url

DOCUMENT = Path(__file__).parents[2] / "docs" / "host-contract.md"
NEVER_WAITS = ("time", "failures")
"""Rules that say nothing about an assistant that only knows its opening hours."""


@functools.cache
def our_tables() -> bytes:
    """A SQLite database with the plugin's tables, migrated once for all tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.sqlite"
        engine = create_engine(sqlite_url(path))
        migrating.upgrade(engine)
        engine.dispose()
        return path.read_bytes()


class SmallestHost:
    """The names of the document's example, and apps made of them."""

    holds: tuple[str, ...] = ("def create_app",)
    """Words of the examples that make it, in their order."""

    def __init__(self) -> None:
        examples = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
        self.source = "".join(next(one for one in examples if words in one) for words in self.holds)
        self.module = ModuleType("documented_host")
        sys.modules[self.module.__name__] = self.module  # SQLAlchemy looks the types of a model up there
        exec(compile(self.source, str(DOCUMENT), "exec", dont_inherit=True), vars(self.module))

    def __getitem__(self, name: str) -> Any:
        return vars(self.module)[name]

    def app(self, folder: Path, **config: Any) -> Flask:
        """The app with the plugin and all tables."""
        database = folder / "host.sqlite"
        database.write_bytes(our_tables())
        settings = {
            "SECRET_KEY": "test",
            "SQLALCHEMY_DATABASE_URI": sqlite_url(database),
            "SMS_PUBLIC_URL": PUBLIC_URL,
            "SMS_ENCRYPTION_KEYS": [KEY],
        }
        app: Flask = self["create_app"](settings | config)
        return app

    def entries(self, app: Flask, chat: str) -> list[Any]:
        """What it keeps of a chat."""
        with app.app_context():
            found = self["db"].session.query(self["Entry"]).filter_by(chat=chat).order_by("id").all()
            self["db"].session.expunge_all()
        return list(found)

    def trial(self, app: Flask, **given: Any) -> Trial:
        """The trial of it; every caller is the owner."""

        def heard(chat: str) -> str:
            return " ".join(entry.content for entry in self.entries(app, chat) if entry.role != "note")

        people: dict[str, Callable[[], Any]] = {"owner": app.test_client}
        usual: dict[str, Any] = {
            "people": people,
            "read": lambda chat: [entry.content for entry in self.entries(app, chat)],
            "hears": heard,
        }
        return Trial(app, "ast_support", **(usual | given))


class FullHost(SmallestHost):
    """With all that is optional."""

    holds = ("def create_app", "class Host(Host)")

    def told(self, app: Flask) -> list[str]:
        """The sentences of its notices."""
        with app.app_context():
            return [notice.sentence for notice in self["db"].session.query(self["Notice"])]
