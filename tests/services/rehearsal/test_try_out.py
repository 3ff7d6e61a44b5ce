"""An admin tries the assistant out: kept in the database and asked in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select, update

from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.host import Answer, AssistantUnavailable
from illumichat_sms_plugin.models import (
    SmsMessage,
    SmsRehearsal,
    SmsSession,
    SmsSpending,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rehearsal.lines import Kind
from illumichat_sms_plugin.services.rehearsal.try_out import (
    start_over,
    usual_number,
    write_as_texter,
)
from tests.services.rehearsal.trying import OTHER, current, finished, kinds, write
from tests.support.channels import OWNER, change, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit


def test_the_assistant_is_asked_in_a_chat_of_its_own_and_nothing_is_sent(connected: Flask, host: MemoryHost):
    lines = write(connected, "When do you open?")
    assert [(line.kind, line.body) for line in lines] == [
        (Kind.TEXT, "When do you open?"),
        (Kind.ANSWER, "We are open from 9 to 17."),
    ]
    assert host.chats.transcript() == [
        ("user", "When do you open?"),
        ("assistant", "We are open from 9 to 17."),
    ]
    (request,) = host.assistants.requests
    assert "cut after" in request.instructions
    assert run_jobs(connected) == 0
    with connected.app_context(), transaction() as connection:
        for model in (SmsMessage, SmsSession, SmsSpending):
            assert connection.execute(select(model)).all() == [], "nothing is counted"


def test_the_chat_knows_what_was_said_before(connected: Flask, host: MemoryHost):
    write(connected, "Hello")
    write(connected, "STOP")
    write(connected, "START")
    write(connected, "And on Sunday?")
    said = [role for role, _ in host.chats.transcript()]
    assert said == ["user", "assistant", "note", "note", "user", "assistant"]


def test_each_admin_has_a_conversation_of_their_own(connected: Flask):
    write(connected, "Hello")
    assert current(connected, OTHER) is None
    assert len(write(connected, "Hi", by=OTHER)) == 2
    assert len(finished(connected).lines) == 2


@pytest.mark.parametrize("fails", [RuntimeError("boom"), AssistantUnavailable("It sleeps.")])
def test_an_assistant_that_fails_is_reported_with_the_apology(
    connected: Flask, host: MemoryHost, fails: Exception
):
    def fail(request: Any) -> str:
        raise fails

    host.assistants.reply = fail
    lines = write(connected, "Hello")
    assert kinds(lines) == ["text", "failed", "apology"]
    assert not {"boom", "sleeps."} & set(lines[1].reason.split(" ")), "an exception's words may be anything"
    host.assistants.reply = lambda request: "Good morning."
    assert kinds(write(connected, "Hello?"))[-2:] == ["text", "answer"]
    assert host.chats.transcript()[0] == ("user", "Hello"), "what the failed try had filed is not filed again"
    assert len(host.chats.transcript()) == 4


def test_an_answer_without_text_is_no_answer(connected: Flask, host: MemoryHost):
    host.assistants.reply = lambda request: "<think>hm</think>"
    assert kinds(write(connected, "Hello")) == ["text", "failed", "apology"]


def test_a_handoff_is_shown_with_what_goes_out_before_it(connected: Flask, host: MemoryHost):
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff="wants a person")
    assert kinds(write(connected, "A person please")) == ["text", "handoff", "answer"]


def test_what_a_model_writes_beside_its_answer_may_be_anything(connected: Flask, host: MemoryHost):
    why, nothing = "wants\x00 a person \ud83d" + "!" * 100_000, cast(str, None)
    host.assistants.reply = lambda request: Answer("I'll get someone.", why, media_url=nothing)
    lines = write(connected, "A person please")
    assert kinds(lines) == ["text", "handoff", "answer"]
    assert lines[1].body.startswith("wants a person")
    assert len(lines[1].body) == 200
    assert visit(connected, "admin").get("/sms/ast_support/try").status_code == 200


def test_while_the_assistant_thinks_no_other_text_is_taken(connected: Flask, host: MemoryHost):
    go_on = threading.Event()
    host.assistants.reply = lambda request: "Done." if go_on.wait(20) else ""
    with connected.app_context():
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
        found = current(connected)
        assert found is not None
        assert found.is_thinking
        with pytest.raises(Conflict, match="thinking"):
            write_as_texter(current_runtime(), "ast_support", "Hello?", "", by=OWNER)
        start_over(current_runtime(), "ast_support", by=OWNER)
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)
    assert current(connected) is None, "what comes too late is not written down"


def test_an_answer_whose_process_died_is_given_up(connected: Flask):
    write(connected, "Hello")
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now(-3600)))
    found = current(connected)
    assert found is not None
    assert (found.is_thinking, found.is_lost) == (False, True)
    assert kinds(write(connected, "Hello?"))[-1] == "answer"


def test_contacts_are_looked_up_and_none_is_made(connected: Flask, host: MemoryHost):
    change(connected, answer_to="contacts")
    assert kinds(write(connected, "Hello")) == ["text", "no_answer"]
    assert host.contacts.contacts == {}
    host.contacts.create("ws_acme", number="+12015550199", source="test", key="k")
    assert kinds(write(connected, "Hello", "+12015550199")) == ["text", "answer"]


def test_a_usual_number_is_one_of_the_channels_country(connected: Flask, make: Callable[..., Flask]):
    with connected.app_context():
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        assert usual_number(channel).startswith("+1")
