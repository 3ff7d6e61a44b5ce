"""An admin tries the assistant out: kept in the database, asked in a thread, thrown away later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select, update

from illumichat_sms_plugin.errors import Conflict, InvalidInput, RateLimited
from illumichat_sms_plugin.host import Answer, AssistantUnavailable, Person
from illumichat_sms_plugin.models import (
    SmsHostErasure,
    SmsMessage,
    SmsRehearsal,
    SmsSession,
    SmsSpending,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rehearsal import try_out
from illumichat_sms_plugin.services.rehearsal.forget import forget_old_rehearsals
from illumichat_sms_plugin.services.rehearsal.lines import Kind, Line
from illumichat_sms_plugin.services.rehearsal.try_out import (
    MOST_LINES,
    Rehearsal,
    read_rehearsal,
    start_over,
    usual_number,
    write_as_texter,
)
from illumichat_sms_plugin.services.texters.erase_at_host import ask_hosts_again
from tests.support.channels import OWNER, change, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit

OTHER = Person("usr_other", "Otto Other")


def write(app: Flask, body: str, number: str = "", by: Person = OWNER) -> tuple[Line, ...]:
    """Write, and wait for what comes of it."""
    with app.app_context():
        write_as_texter(current_runtime(), "ast_support", body, number, by=by)
    return finished(app, by).lines


def finished(app: Flask, by: Person = OWNER) -> Rehearsal:
    """The rehearsal once no assistant is asked any more."""
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)
    found = current(app, by)
    assert found is not None
    assert not found.is_thinking
    return found


def current(app: Flask, by: Person = OWNER) -> Rehearsal | None:
    with app.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
        return read_rehearsal(runtime, channel.id, by=by)


def kinds(lines: tuple[Line, ...]) -> list[str]:
    return [line.kind.value for line in lines]


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
    asked, go_on = threading.Event(), threading.Event()

    def think(request: Any) -> str:
        asked.set()
        return "Late." if go_on.wait(20) else ""

    host.assistants.reply = think
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
    asked, go_on = threading.Event(), threading.Event()

    def think(request: Any) -> str:
        asked.set()
        return "Late." if go_on.wait(20) else ""

    host.assistants.reply = think
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


@pytest.mark.parametrize(
    ("body", "number", "complaint"),
    [
        ("  ", "", "Write a text first"),
        ("x" * 1601, "", "1,601"),
        ("Hello", "12", "number"),
        ("Hello", "+15551230001", "own number"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_sentence(
    connected: Flask, body: str, number: str, complaint: str
):
    with connected.app_context(), pytest.raises(InvalidInput, match=complaint):
        write_as_texter(current_runtime(), "ast_support", body, number, by=OWNER)
    assert current(connected) is None


def test_it_costs_no_more_than_an_hours_share(
    connected: Flask, monkeypatch: pytest.MonkeyPatch, one_period: None
):
    monkeypatch.setattr(try_out, "BY_PERSON", 2)
    for _ in range(2):
        write(connected, "Hello")
    with connected.app_context(), pytest.raises(RateLimited):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)


def test_a_conversation_has_an_end(connected: Flask):
    write(connected, "Hello")
    with connected.app_context(), transaction() as connection:
        row = connection.execute(select(SmsRehearsal.lines)).one()
        connection.execute(update(SmsRehearsal).values(lines=row.lines * (MOST_LINES // 2)))
    with connected.app_context(), pytest.raises(Conflict, match="Start over"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)


def test_only_so_many_assistants_are_asked_at_once(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "AT_ONCE", threading.BoundedSemaphore(1))
    assert try_out.AT_ONCE.acquire(blocking=False)
    with connected.app_context(), pytest.raises(Conflict, match="Too many"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    try_out.AT_ONCE.release()
    assert len(write(connected, "Hello")) == 2
    assert len(write(connected, "Hello")) == 4, "each thread gives its place back"


def test_a_workspace_leaves_places_to_others(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "OF_A_WORKSPACE", 1)
    write(connected, "Hello", by=OTHER)
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now()))
    with connected.app_context(), pytest.raises(Conflict, match="Your workspace"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now(-3600)))
    assert len(write(connected, "Hello")) == 2


def test_a_text_that_cannot_be_kept_takes_nobodys_place(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "AT_ONCE", threading.BoundedSemaphore(1))

    def fail(*_arguments: object, **_columns: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as patch, connected.app_context():
        patch.setattr(try_out, "_write", fail)
        with pytest.raises(OSError, match="away"):
            write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    assert len(write(connected, "Hello")) == 2


def test_without_a_channel_there_is_nothing_to_try(app: Flask):
    with app.app_context(), pytest.raises(Conflict):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)


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
