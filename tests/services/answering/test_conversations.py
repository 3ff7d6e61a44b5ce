"""After a long silence a text begins a new conversation, in a chat of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.conversations import has_ended, tell_of_ended
from illumichat_sms_plugin.services.answering.loops import Turn
from illumichat_sms_plugin.services.answering.situation import Situation
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.situations import CHANNEL, NOW, a_situation, a_text
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

ANNA = Person("1", "Anna")


def after(days: float, *, option: int = 30, chat: str | None = "conv_1", said: bool = True) -> Situation:
    """A text that comes so many days after the last word."""
    turns = (Turn(1, True, NOW - timedelta(days=days), "Hello"),) if said else ()
    channel = replace(CHANNEL, options=ChannelOptions(new_chat_after_days=option))
    return a_situation(texts=(a_text(2, age=0.0),), turns=turns, channel=channel, session={"chat_id": chat})


@pytest.mark.parametrize(
    ("situation", "ended"),
    [
        (after(31.0), True),
        (after(30.0), False),
        (after(0.1), False),
        (after(1.5, option=1), True),
        (after(5000.0, option=0), False),
        (after(31.0, chat=None), False),
        (after(31.0, said=False), False),
        (replace(after(31.0), channel=None), False),
        (replace(after(31.0), texts=()), False),
    ],
)
def test_when_a_conversation_has_ended(situation: Situation, ended: bool) -> None:
    assert has_ended(situation) is ended


def let_pass(app: Flask, days: int) -> None:
    """All that was said was said so many days earlier."""
    sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    earlier = (
        f"strftime('%Y-%m-%d %H:%M:%f000', {{}}, '-{days} days')"
        if sqlite
        else f"{{}} - interval '{days} days'"
    )
    with app.app_context(), transaction() as connection:
        for column in ("created_at", "sent_at"):
            moved = earlier.format(column)
            connection.execute(text(f"UPDATE sms_messages SET {column} = {moved} WHERE {column} IS NOT NULL"))


def test_the_next_owner_of_a_number_gets_nothing_of_the_last(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting, "My secret is 1234")
    run_jobs(texting)
    let_pass(texting, 800)
    text_in(texting, "Hello?")
    run_jobs(texting)
    text_in(texting, "Still there?")
    run_jobs(texting)
    first, second = host.chats.chats
    assert [request.chat_id for request in host.assistants.requests] == [first, second, second]
    assert host.chats.chats[first][0].content == "My secret is 1234"
    said = [message.content for message in host.chats.chats[second]]
    assert said[0] == "Hello?"
    assert not any("1234" in words for words in said)
    assert len(on_twilio(twilio)) == 3


def test_a_session_shows_all_its_chats(texting: Flask, host: MemoryHost) -> None:
    for _ in range(3):
        text_in(texting)
        run_jobs(texting)
        let_pass(texting, 31)
    page = visit(texting, "member").get("/sms/ast_support/sessions/1").text
    assert "Earlier chats" in page
    assert [page.count(f'href="/chats/conv_{n}"') for n in (1, 2, 3)] == [1, 1, 1]
    session = visit(texting, "member").get("/api/sms/sessions/ast_support/1").json
    assert [chat["chatId"] for chat in session["earlierChats"]] == ["conv_2", "conv_1"]
    assert session["chatId"] == "conv_3"


def test_a_host_that_wants_to_know_is_told_once(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(type(host.chats), "close", lambda _, chat_id: closed.append(chat_id), raising=False)
    text_in(texting)
    run_jobs(texting)
    let_pass(texting, 31)
    text_in(texting)
    run_jobs(texting)
    with texting.app_context():
        assert [tell_of_ended(current_runtime()) for _ in range(2)] == [1, 0]
    assert closed == ["conv_1"]


def test_a_host_that_fails_or_does_not_care_is_left_alone(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any, chat_id: str) -> None:
        raise RuntimeError("the archive is closed")

    for raises in (False, True):
        if raises:
            monkeypatch.setattr(type(host.chats), "close", broken, raising=False)
        text_in(texting)
        run_jobs(texting)
        let_pass(texting, 31)
        text_in(texting)
        run_jobs(texting)
        with texting.app_context():
            assert tell_of_ended(current_runtime()) == 1 + raises
        let_pass(texting, 31)


def test_a_person_who_writes_in_the_old_chat_is_told_of_the_new_one(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    let_pass(texting, 31)
    text_in(texting)
    run_jobs(texting)
    with texting.app_context():
        channel = texting.extensions["illumichat_sms"].channel
        refused = channel.send("conv_1", "Hello Dana", by=ANNA, key="1")
        assert refused.reason is Refusal.ENDED
        assert channel.state("conv_1") is None
        assert channel.state("conv_2") is not None


def test_a_text_that_was_never_filed_goes_into_no_later_chat(texting: Flask, host: MemoryHost) -> None:
    text_in(texting, "Hello")
    run_jobs(texting)
    with texting.app_context(), transaction() as connection:
        connection.execute(text("UPDATE sms_messages SET in_chat = false"))
    let_pass(texting, 31)
    text_in(texting, "Anybody?")
    run_jobs(texting)
    assert host.chats.chats["conv_2"][0].content == "Anybody?"


def test_a_channel_may_never_end_a_conversation(texting: Flask, host: MemoryHost) -> None:
    change(texting, new_chat_after_days=0)
    text_in(texting)
    run_jobs(texting)
    let_pass(texting, 4000)
    text_in(texting)
    run_jobs(texting)
    assert len(host.chats.chats) == 1
    assert len(sessions(texting)) == 1
