"""A full host that is wrong in one thing that is optional is caught by the rule that it breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.conformance.rules import RULES
from illumichat_sms_plugin.conformance.trial import RuleBroken
from tests.testing.hosts import FullHost

RULE = {rule.name: rule for rule in RULES}
Spoil = Callable[[FullHost], None]


def raises(*_: Any, **__: Any) -> Any:
    raise LookupError("no such thing")


def method(part: str, name: str, value: Any) -> Spoil:
    """Put something else in a method's place."""

    def spoil(host: FullHost) -> None:
        setattr(host[part], name, value)

    spoil.__name__ = f"{part}.{name}"
    return spoil


def refuses_the_role(role: str) -> Spoil:
    def spoil(host: FullHost) -> None:
        kept = host["Chats"].append

        def append(self: Any, chat_id: str, message: Any, attachments: Any = ()) -> None:
            if message.role == role:
                raise ValueError(f"no role {role}")
            kept(self, chat_id, message, attachments)

        host["Chats"].append = append

    return spoil


def drops_the_role(role: str) -> Spoil:
    def spoil(host: FullHost) -> None:
        kept = host["Chats"].append

        def append(self: Any, chat_id: str, message: Any, attachments: Any = ()) -> None:
            if message.role != role:
                kept(self, chat_id, message, attachments)

        host["Chats"].append = append

    return spoil


def is_told_of_nobody_who_texts(host: FullHost) -> None:
    host["Chats"].open = lambda self, *, assistant_id, title, key: key


def fails_where_a_contact_is_known(host: FullHost) -> None:
    kept = host["Chats"].open

    def open_chat(self: Any, *, contact: Any = None, **given: Any) -> str:
        return str(kept(self, **given, contact=contact) if contact is None else contact.phone)

    host["Chats"].open = open_chat


def forgets_nothing(host: FullHost) -> None:
    host["Contacts"].forget = lambda self, contact_id: None


WRONG: list[tuple[str, Spoil, str]] = [
    ("optional", is_told_of_nobody_who_texts, "chats.open lacks contact=, and contract_version is 9"),
    ("addresses", fails_where_a_contact_is_known, "could not be tried to its end: AttributeError"),
    ("optional", method("Pages", "exempt", "x"), "pages.exempt cannot be called"),
    ("optional", method("Pages", "csp", 7), "pages.csp is int, neither a policy nor a method"),
    ("optional", method("Pages", "csp", raises), "pages.csp raised LookupError"),
    ("optional", method("Pages", "locale", raises), "pages.locale raised LookupError"),
    ("optional", method("Pages", "layout", "nowhere.html"), "'nowhere.html', and the app has no such"),
    ("optional", method("Host", "redis_client", "redis://"), "redis_client cannot be called"),
    ("people", refuses_the_role("person"), "chats.append with the role person raised ValueError"),
    ("people", drops_the_role("person"), "did not keep once what a person had written"),
    ("people", method("Chats", "handled_by", raises), "chats.handled_by with a person raised LookupError"),
    ("ended-chats", method("Chats", "close", raises), "chats.close raised LookupError"),
    ("notes", refuses_the_role("note"), "chats.append with a note raised ValueError"),
    ("notes", drops_the_role("note"), "did not keep a note"),
    ("erasing", method("Contacts", "forget", raises), "contacts.forget raised LookupError"),
    ("erasing", forgets_nothing, "a contact that contacts.forget had deleted"),
]


@pytest.mark.parametrize(
    ("rule", "spoil", "sentence"), WRONG, ids=[f"{rule}-{sentence[:40]}" for rule, _, sentence in WRONG]
)
def test_a_wrong_host_is_caught(tmp_path: Path, rule: str, spoil: Spoil, sentence: str) -> None:
    host = FullHost()
    app = host.app(tmp_path)
    spoil(host)
    with pytest.raises(RuleBroken) as caught:
        RULE[rule].try_on(host.trial(app))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"Rule “{rule}”: ")
    assert str(caught.value).endswith(f"See docs/host-contract.md#{rule}.")


def test_a_method_that_reads_the_request_is_called_in_one(tmp_path: Path) -> None:
    from flask import request

    host = FullHost()
    app = host.app(tmp_path)
    host["Pages"].csp = lambda self: f"default-src {request.host_url}"
    host["Pages"].locale = lambda self: request.accept_languages.best
    RULE["optional"].try_on(host.trial(app))
