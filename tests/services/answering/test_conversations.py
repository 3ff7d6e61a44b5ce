"""After a long silence a text begins a new conversation, in a chat of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable, Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.conversations import beginning, tell_of_ended
from illumichat_sms_plugin.services.answering.loops import Turn
from illumichat_sms_plugin.services.answering.situation import Situation
from illumichat_sms_plugin.services.people.handling import take_over
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import change, keep_house, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.situations import CHANNEL, NOW, a_situation
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

ANNA = Person("1", "Anna")


def a_turn(id: int, days: float, *, filed: bool = True, inbound: bool = True) -> Turn:
    """Said so many days ago."""
    return Turn(id, inbound, NOW - timedelta(days=days), "Hello", filed)


def a_conversation(
    *turns: Turn, option: int = 30, chat: str | None = "conv_1", began: float | None = None
) -> Situation:
    """What was said; the present chat ``began`` so many days ago, or is the first."""
    channel = replace(CHANNEL, options=ChannelOptions(new_chat_after_days=option))
    since = None if began is None else NOW - timedelta(days=began)
    return a_situation(turns=turns, channel=channel, session={"chat_id": chat, "chat_since": since})


OLD = a_turn(1, 31.0)
NEW = a_turn(2, 0.0, filed=False)


@pytest.mark.parametrize(
    ("situation", "first"),
    [
        (a_conversation(OLD, NEW), NEW),
        (a_conversation(NEW, OLD), NEW),
        (a_conversation(a_turn(1, 30.0), NEW), None),
        (a_conversation(a_turn(1, 1.5), NEW, option=1), NEW),
        (a_conversation(a_turn(1, 5000.0), NEW, option=0), None),
        (a_conversation(OLD, NEW, chat=None), None),
        (a_conversation(NEW), None),
        (a_conversation(), None),
        (replace(a_conversation(OLD, NEW), channel=None), None),
        # a further text of the new conversation, whose first one was closed at once
        (a_conversation(OLD, NEW, a_turn(3, 0.0, filed=False)), NEW),
        # tried again: the chat has it, or is not older than it
        (a_conversation(OLD, a_turn(2, 0.0)), None),
        (a_conversation(OLD, a_turn(2, 1.0, filed=False), began=0.5), None),
        (
            a_conversation(a_turn(1, 80.0), a_turn(2, 40.0), a_turn(3, 0.0, filed=False), began=40.0),
            a_turn(3, 0.0, filed=False),
        ),
        # a silence before an answer is a slow answer
        (a_conversation(OLD, a_turn(2, 0.0, filed=False, inbound=False)), None),
    ],
)
def test_which_text_begins_a_conversation(situation: Situation, first: Turn | None) -> None:
    assert beginning(situation) == first


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


def test_a_text_that_is_tried_again_stays_in_its_chat(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting)
    run_jobs(texting)
    let_pass(texting, 40)

    def fail(request: AnswerRequest) -> str:
        raise AssistantUnavailable("busy")

    working, host.assistants.reply = host.assistants.reply, fail
    text_in(texting, "Anybody?")
    run_jobs(texting)
    host.assistants.reply = working
    due_now(texting)
    keep_house(texting)
    run_jobs(texting)
    assert list(host.chats.chats) == ["conv_1", "conv_2"]
    assert [request.chat_id for request in host.assistants.requests] == ["conv_1", "conv_2", "conv_2"]
    assert host.chats.chats["conv_2"][0].content == "Anybody?"
    assert len(on_twilio(twilio)) == 2


def test_who_begins_with_start_gets_nothing_of_the_last_owner(texting: Flask, host: MemoryHost) -> None:
    """START is closed at once and is a note; the text after it comes within a minute."""
    text_in(texting, "My secret is 1234")
    run_jobs(texting)
    text_in(texting, "STOP")
    run_jobs(texting)
    let_pass(texting, 700)
    text_in(texting, "START")
    run_jobs(texting)
    text_in(texting, "Hi")
    run_jobs(texting)
    assert host.assistants.requests[-1].chat_id == "conv_2"
    assert [message.content for message in host.chats.chats["conv_2"]][:2] == ["START", "Hi"]


def test_who_took_the_old_conversation_over_has_not_taken_over_the_new_one(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting)
    run_jobs(texting)
    with texting.app_context():
        take_over(current_runtime(), 1, by=ANNA)
    let_pass(texting, 40)
    text_in(texting, "Hello?")
    run_jobs(texting)
    with texting.app_context():
        tell_of_ended(current_runtime())
    assert len(on_twilio(twilio)) == 2
    assert host.chats.handled == [("conv_1", "Anna"), ("conv_1", None)]


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
