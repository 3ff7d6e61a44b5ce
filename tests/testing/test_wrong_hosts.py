"""A host that is wrong in one way is caught by the rule that it breaks, in a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response

from illumichat_sms_plugin.conformance.rules import RULES, try_rules
from illumichat_sms_plugin.conformance.trial import RuleBroken
from illumichat_sms_plugin.host import Answer, Assistant, Contact, Role, Workspace
from illumichat_sms_plugin.testing import STRANGER
from tests.testing.hosts import SmallestHost

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SpoilNames = Callable[[SmallestHost], None]
CHECKS = {rule.name: rule.check for rule in RULES}


def never_the_same_chat(host: SmallestHost) -> None:
    host["Chats"].open = lambda self, *, assistant_id, title, key: f"{key}-{time.monotonic_ns()}"


def appends_whatever_comes(host: SmallestHost) -> None:
    """Unaware of keys: each call is another row."""

    def append(self: Any, chat_id: str, message: Any) -> None:
        host["db"].session.add(
            host["Entry"](
                chat=chat_id,
                role=message.role,
                content=message.content,
                key=str(time.monotonic_ns()),
                created_at=message.created_at,
            )
        )
        host["db"].session.commit()

    host["Chats"].append = append


def looks_first_and_writes_then(host: SmallestHost) -> None:
    """Sound while one worker calls; two at once both find nothing."""

    def append(self: Any, chat_id: str, message: Any) -> None:
        session, key = host["db"].session, f"{chat_id}/{message.key}"
        if session.query(host["Entry"]).filter_by(key=key).first() is None:
            time.sleep(0.05)
            session.add(
                host["Entry"](
                    chat=chat_id,
                    role=message.role,
                    content=message.content,
                    key=key,
                    created_at=message.created_at,
                )
            )
            session.commit()

    host["Chats"].append = append


def appends_its_own_answer(host: SmallestHost) -> None:
    def answer(self: Any, request: Any) -> str:
        row = host["Entry"](
            chat=request.chat_id, role="assistant", content="Hello", key=request.chat_id, created_at=NOW
        )
        host["add_once"](row)
        return "Hello"

    host["Assistants"].answer = answer


def answers_with_an_object(host: SmallestHost) -> None:
    host["Assistants"].answer = lambda self, request: {"content": "Hello"}


def answers_with_an_object_within(host: SmallestHost) -> None:
    host["Assistants"].answer = lambda self, request: Answer({"content": "Hello"})  # type: ignore[arg-type]


def finds_any_assistant(host: SmallestHost) -> None:
    host["Assistants"].find = lambda self, assistant_id: Assistant(assistant_id, "A", Workspace("ws_1", "E"))


def has_a_zone_of_its_own(host: SmallestHost) -> None:
    space = Workspace("ws_1", "E", "Middle/Earth")
    host["Assistants"].find = lambda self, assistant_id: (
        Assistant("ast_support", "A", space) if assistant_id == "ast_support" else None
    )


def gives_no_address(host: SmallestHost) -> None:
    host["Chats"].url = lambda self, chat_id: chat_id


def lacks_a_method(host: SmallestHost) -> None:
    host["Host"].chats = property(lambda self: SimpleNamespace(open=None, url=None), lambda self, _: None)


def creates_a_contact_each_time(host: SmallestHost) -> None:
    made: list[Contact] = []

    def create(self: Any, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        made.append(Contact(str(len(made)), number, number))
        return made[-1]

    host["Contacts"].find_by_number = lambda self, workspace_id, number: None
    host["Contacts"].create = create


def commits_nothing(host: SmallestHost) -> None:
    def create(self: Any, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        host["db"].session.add(host["Phone"](number=number))
        host["db"].session.flush()
        found: Contact = self.find_by_number(workspace_id, number)
        return found

    host["Contacts"].create = create


def gets_no_contact(host: SmallestHost) -> None:
    def get(self: Any, workspace_id: str, contact_ids: Collection[str]) -> dict[str, Contact]:
        return {}

    host["Contacts"].get = get


def shows_everybody(host: SmallestHost) -> None:
    host["Access"].caller = lambda self: host["Person"]("1", "Anybody")
    host["Access"].role = lambda self, person, workspace_id: Role.OWNER


def compares_numbers_as_they_were_typed(host: SmallestHost) -> None:
    """The contact is there as ``(202) 555-0199``."""


def has_one_book_for_all(host: SmallestHost) -> None:
    known = {"ast_support": "ws_1", "ast_other": "ws_2"}
    host["Assistants"].find = lambda self, assistant_id: (
        Assistant(assistant_id, "A", Workspace(known[assistant_id], "E")) if assistant_id in known else None
    )


def waits_for_ever(host: SmallestHost) -> None:
    host["Assistants"].answer = lambda self, request: time.sleep(4) or "Hello"


def fails_like_a_bug(host: SmallestHost) -> None:
    def answer(self: Any, request: Any) -> str:
        raise ConnectionError("the model is busy")

    host["Assistants"].answer = answer


def is_as_it_should_be(host: SmallestHost) -> None:
    """Nothing is spoiled: what is wrong is elsewhere."""


def of_a_later_contract(host: SmallestHost) -> None:
    host["Host"].contract_version = 99


def offers_help_nowhere(host: SmallestHost) -> None:
    host["Pages"].support_url = lambda self: "/support"


def tells_again(host: SmallestHost) -> None:
    """Whatever is said, with whatever key, is told once more."""

    class Notices:
        def notify(self, *_: Any, sentence: str, **__: Any) -> None:
            TOLD.append(sentence)

    host["Host"].notices = Notices()


def knows_no_other_kind(host: SmallestHost) -> None:
    class Notices:
        def notify(self, *_: Any, kind: str, **__: Any) -> None:
            {"needs_attention": 1, "paused": 2, "limit_at_80": 3, "loop_stopped": 4, "wants_a_person": 5}[
                kind
            ]

    host["Host"].notices = Notices()


def erases_nothing(host: SmallestHost) -> None:
    host["Chats"].erase = lambda self, chat_id: None


def erases_only_once(host: SmallestHost) -> None:
    gone: set[str] = set()

    def erase(self: Any, chat_id: str) -> None:
        if chat_id in gone:
            raise LookupError(chat_id)
        gone.add(chat_id)

    host["Chats"].erase = erase


def needs_every_file(host: SmallestHost) -> None:
    """It stores what it is given, and nothing was fetched of one."""
    kept = host["Chats"].append

    def append(self: Any, chat_id: str, message: Any, attachments: Any = ()) -> None:
        for file in attachments:
            memoryview(file.data)
        kept(self, chat_id, message)

    host["Chats"].append = append


def makes_entries_of_files(host: SmallestHost) -> None:
    """Each file is a message of its own, among what was said."""
    kept = host["Chats"].append

    def append(self: Any, chat_id: str, message: Any, attachments: Any = ()) -> None:
        kept(self, chat_id, message)
        for number, file in enumerate(attachments):
            kept(self, chat_id, replace(message, content=file.name, key=f"{message.key}-{number}"))

    host["Chats"].append = append


TOLD: list[str] = []

WRONG: list[tuple[str, SpoilNames, str, dict[str, Any]]] = [
    ("parts", lacks_a_method, "the host lacks chats.append", {}),
    ("optional", of_a_later_contract, "contract_version is 99", {}),
    ("optional", offers_help_nowhere, "pages.support_url is not an address", {}),
    ("notices", tells_again, "were told 24 times", {"told": lambda: TOLD}),
    ("notices", knows_no_other_kind, "raised KeyError for the kind of_a_later_version", {}),
    ("ids", finds_any_assistant, "found an assistant that does not exist", {}),
    ("ids", has_a_zone_of_its_own, "'Middle/Earth' is no IANA name", {}),
    ("addresses", gives_no_address, "chats.url gave 'trial-", {}),
    ("csrf", is_as_it_should_be, "a form without a token was let through", {}),
    ("roles", shows_everybody, "stranger gets 200", {"people": {STRANGER: None}}),
    ("keys", never_the_same_chat, "chats.open gave", {}),
    ("keys", appends_whatever_comes, "chats.append changed a chat", {}),
    ("threads", looks_first_and_writes_then, "6 threads at once raised IntegrityError", {}),
    ("notes", is_as_it_should_be, "given the content of a note", {"hears": None}),
    ("deleted-chats", is_as_it_should_be, "did not raise ChatGone", {"delete_chat": lambda chat: None}),
    ("erasing", erases_nothing, "an erased chat did not raise ChatGone", {}),
    ("erasing", erases_only_once, "chats.erase raised LookupError", {}),
    ("attachments", needs_every_file, "a file that could not be had raised TypeError", {}),
    ("attachments", makes_entries_of_files, "did not keep a text with files once", {}),
    ("answers", appends_its_own_answer, "changed the chat", {}),
    ("answers", answers_with_an_object, "returned dict", {}),
    ("answers", answers_with_an_object_within, "with a text that is dict", {}),
    ("time", waits_for_ever, "still waits after 2.", {"slow": nullcontext}),
    ("failures", fails_like_a_bug, "raised ConnectionError", {"fails": nullcontext}),
    ("contacts", gets_no_contact, "contacts.get gave []", {}),
    ("numbers", compares_numbers_as_they_were_typed, "did not find the contact", {"typed": "+12025550199"}),
    ("workspaces", has_one_book_for_all, "found a contact of another", {"other_assistant_id": "ast_other"}),
    ("transactions", commits_nothing, "before others could see the contact", {}),
]


@pytest.mark.parametrize(
    ("rule", "spoil", "sentence", "given"),
    WRONG,
    ids=[f"{rule}-{spoil.__name__}" for rule, spoil, _, _ in WRONG],
)
def test_a_wrong_host_is_caught(
    tmp_path: Path, rule: str, spoil: SpoilNames, sentence: str, given: dict[str, Any]
) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    spoil(host)
    if "people" in given:
        given = {"people": dict.fromkeys(given["people"], app.test_client)}
    if "hears" in given:
        given = {"hears": lambda chat: " ".join(entry.content for entry in host.entries(app, chat))}
    with pytest.raises(RuleBroken) as caught:
        CHECKS[rule](host.trial(app, **given))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("Rule “")
    assert "See docs/host-contract.md#" in str(caught.value)


def test_contacts_without_keys_are_caught_by_whichever_rule_comes_first(tmp_path: Path) -> None:
    host = SmallestHost()
    creates_a_contact_each_time(host)
    with pytest.raises(RuleBroken, match=r"contacts\.create with one key by 6 threads"):
        CHECKS["contacts"](host.trial(host.app(tmp_path)))


def test_a_host_that_asks_twilio_to_sign_in_is_caught(tmp_path: Path) -> None:
    host = SmallestHost()
    app: Flask = host.app(tmp_path)
    app.before_request(lambda: Response("Sign in first.", 401))
    with pytest.raises(RuleBroken, match=r"POST /api/sms/webhook/ast_support .* got 401 from the host"):
        CHECKS["guards"](host.trial(app))


def test_every_rule_has_a_wrong_host() -> None:
    assert {rule.name for rule in RULES} == {rule for rule, *_ in WRONG} | {"guards", "people", "ended-chats"}


def test_what_was_not_given_is_said_and_no_failure(tmp_path: Path) -> None:
    host = SmallestHost()
    trial = host.trial(host.app(tmp_path), hears=None, people={})
    said = {rule.name: sentence for rule, sentence, wrong in try_rules(trial, writes=True) if not wrong}
    assert said["notes"] == "not tried: give Trial.hears"
    assert said["csrf"] == "not tried: give Trial.people, with an owner or admin"
    assert said["keys"] is None
