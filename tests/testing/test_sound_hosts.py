"""The demo's host and those of the document keep every rule that says something about them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from demo.host.database import transaction
from demo.host.models import Chat, ChatMessage, Mail
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.conformance.rules import RULES, Rule
from illumichat_sms_plugin.host import AnswerRequest
from illumichat_sms_plugin.models.which_database import engine
from illumichat_sms_plugin.testing import OUTSIDER, STRANGER, HostContract, Trial
from tests.demo_host.conftest import app, make, new_app, seeded_file, sign_in  # noqa: F401 - fixtures
from tests.demo_host.model_server import ModelServer
from tests.support.apps import KEY, PUBLIC_URL
from tests.testing.hosts import DOCUMENT, NEVER_WAITS, FullHost, SmallestHost

OF_ANOTHER_HOST = (*NEVER_WAITS, "csrf", "numbers", "workspaces")
"""Rules that say nothing about a host of one workspace and no sign-in."""
OF_ALL_THAT_IS_OPTIONAL = ("attachments", "deleted-chats", "ended-chats", "erasing", "notices", "people")


def rules_but(*left_out: str) -> Any:
    """All others; a rule that is skipped would count as a failure here."""
    rules = [rule for rule in RULES if rule.name not in left_out]
    return pytest.mark.parametrize("rule", rules, ids=[rule.name for rule in rules])


@rules_but(*OF_ANOTHER_HOST, *OF_ALL_THAT_IS_OPTIONAL)
def test_the_smallest_host_keeps(tmp_path: Path, rule: Rule) -> None:
    host = SmallestHost()
    rule.try_on(host.trial(host.app(tmp_path)))


@rules_but(*OF_ANOTHER_HOST)
def test_the_full_host_keeps(tmp_path: Path, rule: Rule) -> None:
    host = FullHost()
    made = host.app(tmp_path)

    def delete_chat(chat: str) -> None:
        with made.app_context():
            host["Chats"]().erase(chat)

    rule.try_on(host.trial(made, delete_chat=delete_chat, told=lambda: host.told(made)))


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


WITH_PLUGIN = {"ILLUMICHAT_PLUGINS": "sms", "SMS_PUBLIC_URL": PUBLIC_URL, "SMS_ENCRYPTION_KEYS": [KEY]}


@pytest.fixture(scope="module")
def seeded_with_ours(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811 - the fixture
    """The demo's seeded database with the plugin's tables in it."""
    path = tmp_path_factory.mktemp("seeded") / "host.sqlite3"
    shutil.copy(seeded_file, path)
    with new_app(DATABASE_PATH=path, **WITH_PLUGIN).app_context():
        migrating.upgrade(engine())
        engine().dispose()
    return path


class TestTheDemoHost(HostContract):
    """All rules, with a real model's server behind the assistant."""

    @pytest.fixture
    def app(
        self,
        make: Callable[..., Flask],  # noqa: F811 - the fixture
        model: ModelServer,
        seeded_with_ours: Path,
        tmp_path: Path,
    ) -> Flask:
        shutil.copy(seeded_with_ours, tmp_path / "host.sqlite3")
        return make(**WITH_PLUGIN, LLM_BASE_URL=model.url, LLM_MODEL="small-1")

    @pytest.fixture
    def trial(self, app: Flask, model: ModelServer, sign_in: Any) -> Trial:  # noqa: F811 - the fixtures
        def read(chat: str) -> list[str]:
            with app.app_context(), transaction() as session:
                rows = session.query(ChatMessage).filter_by(chat_id=chat).order_by(ChatMessage.sequence)
                return [row.content for row in rows]

        def hears(chat: str) -> str:
            with app.app_context():
                host = app.extensions["illumichat_sms"].host
                host.assistants.answer(AnswerRequest("ast_support", chat, "", "sms", 10.0))
            return str(model.requests[-1])

        def told() -> list[str]:
            with app.app_context(), transaction() as session:
                return [mail.body.partition("\n")[0] for mail in session.query(Mail)]

        def delete_chat(chat: str) -> None:
            with app.app_context(), transaction() as session:
                session.delete(session.get(Chat, chat))

        who = {"owner": "owner", "admin": "admin", "member": "member", "guest": "guest"}
        who |= {OUTSIDER: "other", STRANGER: "nobody"}
        return Trial(
            app,
            "ast_support",
            typed="+15557650001",
            other_assistant_id="ast_globex",
            people={role: lambda name=name: sign_in(name) for role, name in who.items()},
            read=read,
            hears=hears,
            slow=lambda: stalled(model),
            fails=lambda: failing(model),
            delete_chat=delete_chat,
            told=told,
        )

    @rules_but("ended-chats")
    def test_the_host_keeps(self, trial: Trial, rule: Rule) -> None:
        super().test_the_host_keeps(trial, rule)


@contextmanager
def stalled(model: ModelServer) -> Iterator[None]:
    model.go_on.clear()
    yield
    model.go_on.set()


def failing(model: ModelServer) -> AbstractContextManager[None]:
    @contextmanager
    def for_now() -> Iterator[None]:
        model.status = 500
        yield
        model.status = 200

    return for_now()


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_every_rule_has_its_place_in_the_document(rule: str) -> None:
    assert re.search(rf'<a id="{rule}"></a>', DOCUMENT.read_text(encoding="utf-8"))
