"""``flask sms check-host``: what a running app shows of its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from tests.testing.hosts import FullHost, SmallestHost


def test_a_sound_host_is_told_rule_by_rule(tmp_path: Path) -> None:
    app = SmallestHost().app(tmp_path)
    done = app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support", "--write"])
    lines = [[line[:13].strip(), line[13:]] for line in done.output.splitlines()]
    assert done.exit_code == 0, done.output
    assert ["OK", "threads"] in lines
    assert ["Not checked", "roles: not tried: give Trial.people"] in lines


def test_a_broken_rule_is_a_sentence_and_an_exit_code(tmp_path: Path) -> None:
    app = SmallestHost().app(tmp_path)
    app.before_request(lambda: Response("Sign in first.", 401))
    done = app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support"])
    assert done.exit_code == 1
    assert "Problem      Rule “guards”: POST /api/sms/webhook/ast_support" in done.output
    assert "1 of the rules is broken." in done.output


def test_without_writing_nothing_is_left_behind(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support"])
    with app.app_context():
        assert host["db"].session.query(host["Phone"]).count() == 0
        assert host["db"].session.query(host["Entry"]).count() == 0


def left_behind(host: FullHost, app: Flask) -> dict[str, int]:
    with app.app_context():
        names = ("Conversation", "Phone", "File", "Notice")
        return {name: host["db"].session.query(host[name]).count() for name in names}


def test_what_writing_leaves_behind_is_what_the_help_says(tmp_path: Path) -> None:
    host = FullHost()
    app = host.app(tmp_path)
    opened, written, asked = set(), set(), []
    kept_open, kept_append, kept_answer = host["Chats"].open, host["Chats"].append, host["Assistants"].answer

    def open_chat(self: Any, **given: Any) -> Any:
        chat = kept_open(self, **given)
        opened.add(chat)
        return chat

    def append(self: Any, chat_id: str, message: Any, attachments: Any = ()) -> None:
        written.add(chat_id)
        kept_append(self, chat_id, message, attachments)

    def answer(self: Any, request: Any) -> Any:
        asked.append(request)
        return kept_answer(self, request)

    host["Chats"].open, host["Chats"].append, host["Assistants"].answer = open_chat, append, answer
    runner = app.test_cli_runner()
    done = runner.invoke(args=["sms", "check-host", "ast_support", "--write"])
    assert done.exit_code == 0, done.output
    assert "notices: left out: people would be told" in done.output
    assert left_behind(host, app) == {"Conversation": 10, "Phone": 4, "File": 1, "Notice": 0}
    assert (len(opened), len(written), len(asked)) == (11, 7, 1)


def test_notices_are_told_when_asked_for(tmp_path: Path) -> None:
    host = FullHost()
    app = host.app(tmp_path)
    app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support", "--write", "--notices"])
    assert left_behind(host, app)["Notice"] == 12
    alone = app.test_cli_runner().invoke(args=["sms", "check-host", "ast_support", "--notices"])
    assert "--notices goes with --write." in alone.output


def finds_nobody(self: Any, assistant_id: str) -> None:
    return None


def finds_numbers_only(self: Any, assistant_id: str) -> None:
    int(assistant_id)


@pytest.mark.parametrize(
    ("find", "why"),
    [
        (finds_nobody, "the host has no assistant with the id 'nope'"),
        (finds_numbers_only, "assistants.find('nope') raised ValueError: invalid literal"),
    ],
)
def test_an_unknown_assistant_is_refused_in_a_sentence_and_nothing_is_written(
    tmp_path: Path, find: Any, why: str
) -> None:
    host = FullHost()
    app = host.app(tmp_path)
    host["Assistants"].find = find
    done = app.test_cli_runner().invoke(args=["sms", "check-host", "nope", "--write", "--notices"])
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: Nothing was tried: {why}")
    assert len(done.output.splitlines()) == 1
    assert set(left_behind(host, app).values()) == {0}
