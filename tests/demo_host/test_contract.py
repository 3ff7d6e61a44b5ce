"""The demo host keeps the plugin's host contract."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask

from demo.host import chat_history
from demo.host.database import db, transaction
from demo.host.models import Chat
from demo.host.plugin_contract import plugin_host
from illumichat_sms_plugin.contract import missing_from
from illumichat_sms_plugin.host import (
    AnswerRequest,
    AssistantUnavailable,
    ChatGone,
    ChatMessage,
    Role,
)

HOST_FOLDER = Path(__file__).parents[2] / "demo" / "host"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def read(chat_id: str, *, limit: int) -> list[ChatMessage]:
    """What the host keeps of a chat, oldest first."""
    with transaction() as session:
        found = chat_history.last_messages(session, chat_id, limit=limit)
    return [ChatMessage(row.role, row.content, row.key, row.created_at) for row in found]


def said(content: str, key: str, role: str = "user", at: datetime = NOON) -> ChatMessage:
    return ChatMessage(role, content, key, at)


def test_nothing_of_the_contract_is_missing(app: Flask) -> None:
    assert missing_from(plugin_host(app)) == []


def test_a_real_host_keeps_the_contract_in_under_160_lines() -> None:
    written = (HOST_FOLDER / "plugin_contract.py").read_text().splitlines()
    code = [line for line in written if line.strip() and not re.match(r'\s*(#|""".*"""$)', line)]
    assert len(code) < 160


def test_two_files_know_the_plugin() -> None:
    knowing = {
        path.name
        for path in HOST_FOLDER.rglob("*.py")
        if re.search(r"^\s*(?:from|import) illumichat_sms_plugin", path.read_text(), re.MULTILINE)
    }
    assert knowing == {"plugin_contract.py", "people_by_text.py"}


def test_an_assistant_is_found_with_its_workspace(either: Flask) -> None:
    with either.app_context():
        found = plugin_host(either).assistants.find("ast_support")
        assert (found.id, found.name) == ("ast_support", "Acme Support")
        assert (found.workspace.id, found.workspace.timezone) == ("ws_acme", "America/New_York")
        assert plugin_host(either).assistants.find("ast_nobody") is None


def test_opening_a_chat_with_the_same_key_gives_the_same_chat(either: Flask) -> None:
    with either.app_context():
        chats = plugin_host(either).chats
        first = chats.open(assistant_id="ast_support", title="SMS", key="k1")
        assert first.startswith("conv_")
        assert chats.open(assistant_id="ast_support", title="another title", key="k1") == first
        assert chats.open(assistant_id="ast_support", title="SMS", key="k2") != first


def test_a_message_with_a_known_key_changes_nothing(either: Flask) -> None:
    with either.app_context():
        chats = plugin_host(either).chats
        chat, other = (chats.open(assistant_id="ast_support", title="SMS", key=key) for key in "ab")
        chats.append(chat, said("one", "m1"))
        chats.append(chat, said("one again", "m1"))
        chats.append(chat, said("two", "m2", role="note"))
        chats.append(other, said("the key counts per chat", "m1"))
        assert [(m.role, m.content) for m in read(chat, limit=10)] == [("user", "one"), ("note", "two")]
        assert [m.content for m in read(other, limit=10)] == ["the key counts per chat"]
        assert db.session.get(Chat, chat).message_count == 2


def test_the_chat_keeps_the_last_messages_oldest_first_as_they_were_appended(either: Flask) -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    with either.app_context():
        chats = plugin_host(either).chats
        chat = chats.open(assistant_id="ast_support", title="SMS", key="k")
        for number in range(5):
            chats.append(chat, said(f"text {number}", f"m{number}", at=tokyo))
        last = read(chat, limit=2)
        assert last == [said("text 3", "m3"), said("text 4", "m4")]
        assert last[0].created_at.utcoffset() == timedelta(0)


def test_many_writers_of_one_chat_lose_nothing_and_leave_no_gap(either: Flask) -> None:
    with either.app_context():
        chats = plugin_host(either).chats
        chat = chats.open(assistant_id="ast_support", title="SMS", key="k")

    def write(number: int) -> None:
        with either.app_context():
            plugin_host(either).chats.append(chat, said(f"text {number}", f"m{number % 20}"))

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(40)))
    with either.app_context(), transaction() as session:
        assert {m.key for m in read(chat, limit=100)} == {f"m{number}" for number in range(20)}
        assert session.get(Chat, chat).message_count == 20


def test_appending_to_a_chat_that_is_gone_says_so(app: Flask) -> None:
    with app.app_context(), pytest.raises(ChatGone, match="conv_nothing"):
        plugin_host(app).chats.append("conv_nothing", said("hello", "m1"))


def test_a_contact_is_found_by_number_however_it_was_typed(either: Flask) -> None:
    with either.app_context():
        contacts = plugin_host(either).contacts
        found = contacts.find_by_number("ws_acme", "+15557650001")
        assert (found.name, found.phone_number) == ("Dana Reyes", "+15557650001")
        assert contacts.find_by_number("ws_globex", "+15557650001") is None


def test_racing_first_texts_make_one_contact(either: Flask) -> None:
    def create(number: int) -> str:
        with either.app_context():
            host = plugin_host(either)
            # The same key twice, and a second key for the same number.
            key = f"k{number % 2}"
            return host.contacts.create("ws_acme", number="+15550009999", source="sms", key=key).id

    with ThreadPoolExecutor(6) as callers:
        assert len(set(callers.map(create, range(12)))) == 1


def test_a_contact_that_a_text_made_is_forgotten_and_one_that_people_typed_is_kept(app: Flask) -> None:
    with app.app_context():
        contacts = plugin_host(app).contacts
        made = contacts.create("ws_acme", number="+15557650088", source="sms", key="k")
        assert [contacts.forget(made.id) for _ in range(2)] == [True, True]
        assert contacts.find_by_number("ws_acme", "+15557650088") is None
        assert contacts.forget("con_dana") is False
        assert contacts.get("ws_acme", ["con_dana"])


def test_contacts_are_searched_and_fetched_within_their_workspace(either: Flask) -> None:
    with either.app_context():
        contacts = plugin_host(either).contacts
        assert [found.name for found in contacts.search("ws_acme", "dana", limit=5)] == ["Dana Reyes"]
        assert [found.name for found in contacts.search("ws_acme", "765-0001", limit=5)] == ["Dana Reyes"]
        assert contacts.search("ws_acme", "%", limit=5) == []
        assert len(contacts.search("ws_acme", "", limit=2)) == 2
        assert set(contacts.get("ws_acme", ["con_dana", "con_lena", "con_gone"])) == {"con_dana"}


def test_an_answer_is_not_yet_part_of_the_chat_and_leaves_no_transaction_open(either: Flask) -> None:
    with either.app_context():
        host = plugin_host(either)
        chat = host.chats.open(assistant_id="ast_support", title="SMS", key="k")
        host.chats.append(chat, said("What are your opening hours?", "m1"))
        answer = host.assistants.answer(AnswerRequest("ast_support", chat, "Be brief.", "sms", 10))
        assert "9 am to 6 pm" in answer.text
        assert len(read(chat, limit=10)) == 1
        assert db.engine.pool.checkedout() == 0


def test_an_assistant_that_fails_is_unavailable_in_the_plugins_words(app: Flask) -> None:
    with app.app_context(), pytest.raises(AssistantUnavailable):
        plugin_host(app).assistants.answer(AnswerRequest("ast_support", "conv_gone", "", "sms", 10))


@pytest.mark.parametrize(
    ("person", "workspace", "role"),
    [
        ("usr_acme_owner", "ws_acme", Role.OWNER),
        ("usr_acme_admin", "ws_acme", Role.ADMIN),
        ("usr_acme_member", "ws_acme", Role.MEMBER),
        ("usr_acme_guest", "ws_acme", Role.GUEST),
        ("usr_acme_owner", "ws_globex", None),
        ("usr_globex_admin", "ws_globex", Role.ADMIN),
        ("apikey:key_ws_acme", "ws_acme", Role.ADMIN),
        ("apikey:key_ws_acme", "ws_globex", None),
        ("apikey:usr_acme_owner", "ws_acme", None),
        ("nobody", "ws_acme", None),
    ],
)
def test_who_has_which_role(app: Flask, person: str, workspace: str, role: Role | None) -> None:
    from illumichat_sms_plugin.host import Person

    with app.app_context():
        assert plugin_host(app).access.role(Person(person, "x"), workspace) is role


def test_the_caller_is_the_person_of_the_cookie_or_the_key_of_the_header(app: Flask) -> None:
    access = plugin_host(app).access
    with app.test_request_context(headers={"Authorization": "Bearer wsk_live_acme"}):
        assert access.caller().id == "apikey:key_ws_acme"
    with app.test_request_context():
        assert access.caller() is None
    with app.app_context():
        assert access.caller() is None
