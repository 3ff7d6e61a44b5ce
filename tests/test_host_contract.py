"""The host contract: every implementation satisfies it, and the documented one runs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader

from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.host import PARTS, missing_from
from illumichat_sms_plugin.models.database import engine
from illumichat_sms_plugin.plugin import SmsPlugin
from tests.support.apps import KEY, LAYOUT, PUBLIC_URL, make_app, sqlite_url
from tests.support.channels import connect, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

DOCUMENT = Path(__file__).parent.parent / "docs" / "host-contract.md"


def documented_host() -> dict[str, Any]:
    """The names that the document's example defines."""
    (_, example) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("documented_host")
    # SQLAlchemy looks the types of a model up in the module that defines it.
    sys.modules[module.__name__] = module
    exec(compile(example, str(DOCUMENT), "exec", dont_inherit=True), vars(module))
    return vars(module)


def test_the_host_in_memory_is_complete() -> None:
    assert missing_from(MemoryHost()) == []


def test_the_documented_host_is_complete_and_small() -> None:
    assert missing_from(documented_host()["Host"]()) == []


def test_the_documented_host_answers_a_text(tmp_path: Path, redis_url: str, twilio: Any) -> None:
    app = documented_host()["create_app"](
        {
            "SECRET_KEY": "test",
            "SQLALCHEMY_DATABASE_URI": sqlite_url(tmp_path / "host.sqlite"),
            "SMS_PUBLIC_URL": PUBLIC_URL,
            "SMS_ENCRYPTION_KEYS": [KEY],
            "SMS_REDIS_URL": redis_url,
            "SMS_TWILIO_API_URL": twilio.url,
        }
    )
    app.jinja_loader = DictLoader({"layout.html": LAYOUT})
    with app.app_context():
        migrating.upgrade(engine())
    connect(app, contact_matching=True, auto_create_contacts=True)
    assert text_in(app).status_code == 200
    run_jobs(app)
    assert [m.body for m in twilio.messages(to=TEXTER, created_by="api")] == ["We are open from 9 to 17."]
    with app.app_context():
        host = app.extensions["illumichat_sms"].host
        chat = host.chats.read("sms-session-1", limit=10)
        assert [message.role for message in chat] == ["user", "assistant"]
        assert host.contacts.find_by_number("ws_1", TEXTER)


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_host_that_lacks_a_part_is_refused_by_name(part: str) -> None:
    host = MemoryHost()
    setattr(host, part, None)
    with pytest.raises(StartRefused, match=rf"lacks {part}\. See docs/host-contract\.md"):
        make_app("sqlite://", host)


def test_a_host_that_lacks_a_method_is_refused_by_name() -> None:
    host = MemoryHost()
    host.chats = SimpleNamespace(open=None, read=None, url=None)  # type: ignore[assignment]
    with pytest.raises(StartRefused, match=r"lacks chats\.append"):
        make_app("sqlite://", host)


def test_a_host_without_its_database_is_refused() -> None:
    with pytest.raises(StartRefused, match="Flask-SQLAlchemy"):
        SmsPlugin().init_app(Flask("bare"), MemoryHost())
