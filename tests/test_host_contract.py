"""The host contract: every implementation satisfies it, and the documented one runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin import host as contract
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.contract import (
    EXTRAS,
    EXTRAS_OF_HOST,
    PARTS,
    PARTS_WITHOUT_PAGES,
    members_of,
    missing_from,
)
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.host import CONTRACT_VERSION, version_of
from illumichat_sms_plugin.host_attachments import takes_attachments
from illumichat_sms_plugin.models.database import engine
from illumichat_sms_plugin.plugin import SmsPlugin
from tests.hosts import contract_0_1
from tests.support.apps import KEY, PUBLIC_URL, make_app, sqlite_url
from tests.support.channels import connect, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in
from tests.testing.hosts import FullHost, SmallestHost

DOCUMENT = Path(__file__).parent.parent / "docs" / "host-contract.md"


def documented_host() -> dict[str, Any]:
    """The names that the document's example defines."""
    return vars(SmallestHost().module)


def test_the_host_in_memory_is_complete() -> None:
    assert missing_from(MemoryHost()) == []


def test_the_documented_host_is_complete_and_small() -> None:
    assert missing_from(documented_host()["Host"]()) == []


def test_the_documented_host_shows_pages_in_the_plugins_own_layout(tmp_path: Path) -> None:
    app = SmallestHost().app(tmp_path)
    assert app.test_client().get("/sms/ast_support").status_code == 200


def test_the_full_host_has_all_that_is_optional_in_under_160_lines() -> None:
    full = FullHost()
    host = full["Host"]()
    assert missing_from(host) == []
    lacks = [
        f"{part}.{member}"
        for part, extras in EXTRAS.items()
        for member in members_of(extras)
        if not hasattr(getattr(host, part), member)
    ]
    assert lacks == ["pages.layout"]  # the plugin brings one
    assert takes_attachments(host.chats)
    assert version_of(host) == CONTRACT_VERSION
    assert len([line for line in full.source.splitlines() if line.strip()]) < 160


def test_the_full_host_hands_off_and_is_told_who_answers(tmp_path: Path, redis_url: str, twilio: Any) -> None:
    full = FullHost()
    app = full.app(tmp_path, SMS_REDIS_URL=redis_url, SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    text_in(app, "Can I talk to a person?")
    run_jobs(app)
    assert [m.body for m in twilio.messages(to=TEXTER, created_by="api")] == ["I'll get someone."]
    with app.app_context():
        channel, (chat,) = (
            app.extensions["illumichat_sms"].channel,
            full["db"].session.query(full["Conversation"]),
        )
        assert channel.state(chat.id).why == "wants a person"
        assert channel.take_over(chat.id, contract.Person("1", "Anna"))
        channel.send(chat.id, "Anna here.", contract.Person("1", "Anna"), "k")
    run_jobs(app)
    assert [entry.content for entry in full.entries(app, chat.id)][-1] == "Anna: Anna here."


@pytest.mark.parametrize("names", [documented_host, lambda: vars(contract_0_1)], ids=["today's", "of 0.1"])
def test_the_documented_host_answers_a_text(
    tmp_path: Path, redis_url: str, twilio: Any, names: Callable[[], dict[str, Any]]
) -> None:
    """Today's, and the one that was documented with the plugin's first version."""
    host = names()
    app = host["create_app"](
        {
            "SECRET_KEY": "test",
            "SQLALCHEMY_DATABASE_URI": sqlite_url(tmp_path / "host.sqlite"),
            "SMS_PUBLIC_URL": PUBLIC_URL,
            "SMS_ENCRYPTION_KEYS": [KEY],
            "SMS_REDIS_URL": redis_url,
            "SMS_TWILIO_API_URL": twilio.url,
        }
    )
    with app.app_context():
        migrating.upgrade(engine())
    connect(app, contact_matching=True, auto_create_contacts=True)
    assert text_in(app).status_code == 200
    run_jobs(app)
    assert [m.body for m in twilio.messages(to=TEXTER, created_by="api")] == ["We are open from 9 to 17."]
    with app.app_context():
        chat = host["db"].session.query(host["Entry"]).filter_by(chat="sms-session-1").order_by("id")
        assert [entry.role for entry in chat] == ["user", "assistant"]
        assert app.extensions["illumichat_sms"].host.contacts.find_by_number("ws_1", TEXTER)


def package_source() -> str:
    """The package without the contract itself."""
    package = Path(contract.__file__).parent
    files = (file for file in package.rglob("*.py") if file != Path(contract.__file__))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(
    "member", [f"{part}.{name}" for part, protocol in PARTS.items() for name in members_of(protocol)]
)
def test_nothing_is_asked_of_a_host_that_is_not_used(member: str) -> None:
    assert re.search(rf"\b{re.escape(member)}\b", package_source())


@pytest.mark.parametrize(
    "member",
    [
        f"{part}.{name}"
        for part, protocol in (*EXTRAS.items(), ("host", EXTRAS_OF_HOST))
        for name in members_of(protocol)
    ],
)
def test_what_a_host_may_have_besides_is_looked_for(member: str) -> None:
    part, _, name = member.partition(".")
    in_a_table = rf'\("{part}", "{name}"\)'
    assert re.search(rf'offered\(.*\b{part}, "{name}"\)|{in_a_table}', package_source())


def test_every_word_of_the_contract_is_used() -> None:
    source = package_source()
    own = {
        name
        for name, value in vars(contract).items()
        if getattr(value, "__module__", "") == contract.__name__
    }
    values = {name for name in own if isinstance(vars(contract)[name], type)}
    parts = (*PARTS.values(), *PARTS_WITHOUT_PAGES.values(), *EXTRAS.values(), EXTRAS_OF_HOST)
    protocols = {protocol.__name__ for protocol in parts}  # their members are looked at above
    assert [name for name in sorted(values - protocols) if not re.search(rf"\b{name}\b", source)] == []


def test_a_host_without_a_version_counts_as_the_first() -> None:
    assert version_of(MemoryHost()) == 1
    assert version_of(SimpleNamespace(contract_version=2)) == 2


def test_a_host_written_for_a_newer_contract_starts_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    host = MemoryHost()
    host.contract_version = CONTRACT_VERSION + 1  # type: ignore[attr-defined]
    make_app("sqlite://", host)
    assert "update the plugin" in caplog.text


@pytest.mark.parametrize("part", sorted(PARTS_WITHOUT_PAGES))
def test_a_host_that_lacks_a_part_is_refused_by_name(part: str) -> None:
    host = MemoryHost()
    setattr(host, part, None)
    with pytest.raises(StartRefused, match=rf"lacks {part}\. See docs/host-contract\.md"):
        make_app("sqlite://", host)


def test_a_host_that_lacks_a_method_is_refused_by_name() -> None:
    host = MemoryHost()
    host.chats = SimpleNamespace(open=None, url=None)  # type: ignore[assignment]
    with pytest.raises(StartRefused, match=r"lacks chats\.append"):
        make_app("sqlite://", host)


def test_a_host_without_its_database_is_refused() -> None:
    with pytest.raises(StartRefused, match="Flask-SQLAlchemy"):
        SmsPlugin().init_app(Flask("bare"), MemoryHost())


def test_an_app_of_another_framework_is_refused() -> None:
    other = type("Quart", (), {"extensions": {"sqlalchemy": object()}})()  # as much of one as is asked
    with pytest.raises(StartRefused, match=r"Quart is no Flask app: .* ASGI frameworks are out of scope"):
        SmsPlugin().init_app(other, MemoryHost())
