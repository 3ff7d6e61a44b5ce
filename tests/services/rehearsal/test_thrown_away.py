"""A rehearsal is thrown away with its chat: when another begins, on request, and when it is old."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from illumichat_sms_plugin.models import (
    SmsHostErasure,
    SmsRehearsal,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.rehearsal.forget import forget_old_rehearsals
from illumichat_sms_plugin.services.rehearsal.try_out import (
    start_over,
    write_as_texter,
)
from illumichat_sms_plugin.services.texters.erase_at_host import ask_hosts_again
from tests.services.rehearsal.trying import current, finished, write
from tests.support.channels import OWNER
from tests.support.memory_host import MemoryHost


def answers_late(host: MemoryHost) -> tuple[threading.Event, threading.Event]:
    """The assistant answers when the second event is set; the first says that it was asked."""
    asked, go_on = threading.Event(), threading.Event()

    def think(request: Any) -> str:
        asked.set()
        return "Late." if go_on.wait(20) else ""

    host.assistants.reply = think
    return asked, go_on


def test_another_number_begins_anew_and_the_old_chat_goes(connected: Flask, host: MemoryHost):
    erased: list[str] = []
    host.chats.erase = erased.append  # type: ignore[attr-defined]
    write(connected, "Hello")
    lines = write(connected, "Hello", "+1 201 555 0199")
    assert len(lines) == 2
    assert erased == ["conv_1"]
    assert len(host.chats.chats) == 2


def test_an_answer_that_comes_after_another_text_takes_nothing_away(connected: Flask, host: MemoryHost):
    erased: list[str] = []
    host.chats.erase = erased.append  # type: ignore[attr-defined]
    asked, go_on = answers_late(host)
    with connected.app_context():
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    (late,) = (thread for thread in threading.enumerate() if thread.name == "sms-rehearsal")
    late.name = "late"
    assert asked.wait(20)
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now(-3600)))
    host.assistants.reply = lambda request: "Quick."
    lines = write(connected, "Hello?")
    go_on.set()
    late.join(20)
    assert (finished(connected).lines, erased) == (lines, [])
    assert [words for _, words in host.chats.transcript()] == ["Hello", "Hello?", "Quick."]


def test_the_chat_is_known_before_the_assistant_has_answered(connected: Flask, host: MemoryHost):
    erased: list[str] = []
    host.chats.erase = erased.append  # type: ignore[attr-defined]
    asked, go_on = answers_late(host)
    with connected.app_context():
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
        assert asked.wait(20)
        start_over(current_runtime(), "ast_support", by=OWNER)
    assert erased == ["conv_1"], "the process that asks may die"
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)


def test_a_host_that_cannot_delete_the_chat_now_is_asked_again_and_not_for_ever(
    connected: Flask, host: MemoryHost
):
    asked: list[str] = []

    def erase(chat_id: str) -> None:
        asked.append(chat_id)
        raise ConnectionError("the host's database is away")

    host.chats.erase = erase  # type: ignore[attr-defined]
    write(connected, "Hello")
    with connected.app_context():
        start_over(current_runtime(), "ast_support", by=OWNER)
        for _ in range(10):
            with transaction() as connection:
                connection.execute(update(SmsHostErasure).values(try_at=db_now(-1)))
            ask_hosts_again(current_runtime())
    assert len(asked) == 5


@pytest.mark.parametrize("offered", ["erase", "close", None])
def test_an_old_one_is_forgotten_with_its_chat(connected: Flask, host: MemoryHost, offered: str | None):
    gone: list[str] = []
    if offered:
        setattr(host.chats, offered, gone.append)
    write(connected, "Hello")
    with connected.app_context():
        assert forget_old_rehearsals(current_runtime()) == 0
        with transaction() as connection:
            connection.execute(update(SmsRehearsal).values(last_at=db_now(-3 * 3600)))
        assert forget_old_rehearsals(current_runtime()) == 1
    assert current(connected) is None
    assert gone == (["conv_1"] if offered else [])
