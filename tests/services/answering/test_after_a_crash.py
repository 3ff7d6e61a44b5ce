"""What one session's crash does to the others, and how long anybody waits."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import engine, patience, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session
from illumichat_sms_plugin.services.answering.answer_session import SUSPECTS
from illumichat_sms_plugin.services.answering.step import Left
from illumichat_sms_plugin.services.leases import take_session
from tests.support.channels import inbound, outbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def crashed(app: Flask, attempts: int = 1) -> None:
    """The session as a worker leaves it that was killed while the assistant thought."""
    write(
        app,
        SmsSession,
        SmsSession.id > 0,
        lease_token="dead",
        lease_expires_at=db_now(-1.0),
        attempts=attempts,
    )


@pytest.mark.parametrize(("attempts", "expected"), [(0, False), (1, True)])
def test_a_lease_that_was_never_given_back_tells_of_a_try_that_ended_with_its_worker(
    connected: Flask, attempts: int, expected: bool
) -> None:
    text_in(connected)
    with connected.app_context():
        first = take_session(sessions(connected)[0].id, 60.0)
        assert first is not None
        assert take_session(first.session_id, 60.0) is None
        assert not sessions(connected)[0].crashed
        crashed(connected, attempts)
        assert take_session(first.session_id, 60.0) is not None
    assert sessions(connected)[0].crashed is expected


def test_sessions_whose_worker_died_are_tried_one_at_a_time(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    held: list[bool] = []

    def answer(request: Any) -> str:
        held.append(SUSPECTS.locked())
        return "Yes."

    host.assistants.reply = answer
    text_in(texting)
    run_jobs(texting)
    text_in(texting, "and now?")
    crashed(texting)
    run_jobs(texting)
    assert held == [False, True]
    assert not SUSPECTS.locked()
    assert not sessions(texting)[0].crashed


def test_who_has_to_wait_for_another_suspect_stays_one(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting)
    crashed(texting)
    with SUSPECTS:
        run_jobs(texting)
    assert host.assistants.requests == []
    assert sessions(texting)[0].crashed
    write(texting, SmsSession, SmsSession.id > 0, retry_at=None)
    with texting.app_context():
        current_runtime().queue.answer_session(sessions(texting)[0].id, 1)
        with SUSPECTS:
            run_jobs(texting)
        assert host.assistants.requests == []
        write(texting, SmsSession, SmsSession.id > 0, retry_at=None)
        current_runtime().queue.answer_session(sessions(texting)[0].id, 1)
    run_jobs(texting)
    assert len(host.assistants.requests) == 1
    assert not sessions(texting)[0].crashed


def test_a_try_that_ends_in_an_error_is_no_crash(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def fail(request: Any) -> str:
        raise RuntimeError("no model")

    host.assistants.reply = fail
    text_in(texting)
    crashed(texting)
    run_jobs(texting)
    session = sessions(texting)[0]
    assert (session.attempts, session.crashed) == (2, False)


def test_a_text_that_killed_its_worker_three_times_is_set_aside(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting)
    crashed(texting, attempts=3)
    run_jobs(texting)
    assert host.assistants.requests == []
    assert inbound(texting)[0].no_reply_reason == "assistant_failed"
    assert outbound(texting)[0].kind == "apology"


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "psycopg2"], indirect=True)
def test_what_people_wrote_is_not_in_a_database_error(connected: Flask) -> None:
    wrong = text("SELECT * FROM no_such_table WHERE a = :a")
    with (
        connected.app_context(),
        pytest.raises(Exception, match="no_such_table") as failed,
        transaction() as connection,
    ):
        connection.execute(wrong, {"a": "my secret text"})
    assert "my secret text" not in str(failed.value)


@on_postgresql
def test_a_webhook_does_not_wait_for_a_lock_without_end(make: Any) -> None:
    from tests.support.channels import connect

    app = make(SMS_DATABASE_TIMEOUT=0.2)
    connect(app)
    text_in(app)
    locked, done = threading.Event(), threading.Event()

    def lock() -> None:
        with app.app_context(), transaction() as connection:
            connection.execute(text("LOCK TABLE sms_messages, sms_sessions IN ACCESS EXCLUSIVE MODE"))
            locked.set()
            done.wait(30)

    thread = threading.Thread(target=lock)
    thread.start()
    try:
        assert locked.wait(10)
        assert text_in(app).status_code == 503
    finally:
        done.set()
        thread.join()
    assert text_in(app).status_code == 200


@on_postgresql
def test_patience_costs_no_statement_and_ends_with_its_transaction(make: Any) -> None:
    app = make()
    with app.app_context():
        with patience(0.2), transaction() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "200ms"
            assert connection.scalar(text("SHOW statement_timeout")) == "200ms"
        with transaction() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "0"
        with patience(0.2), pytest.raises(OperationalError), transaction() as connection:
            connection.execute(text("SELECT pg_sleep(5)"))


@on_postgresql
def test_a_connection_that_died_in_the_pool_costs_no_text(connected: Flask) -> None:
    with connected.app_context():
        text_in(connected)
        with transaction() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
        import psycopg

        with psycopg.connect(engine().url.set(drivername="postgresql").render_as_string(False)) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
    assert text_in(connected).status_code == 200
    assert len(inbound(connected)) == 2


class Killed(BaseException):
    """The worker is gone; nothing is given back."""


@pytest.mark.parametrize(("body", "role"), [("STOP", "note"), ("Hello?", "assistant")])
def test_a_message_whose_filing_kills_workers_is_left_out_after_three(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch, body: str, role: str
) -> None:
    kills: list[str] = []
    append = host.chats.append

    def killing(chat_id: str, message: Any) -> None:
        if message.role == role:
            kills.append(message.key)
            raise Killed
        append(chat_id, message)

    monkeypatch.setattr(host.chats, "append", killing)
    monkeypatch.setattr(answer_session, "give_back", lambda work: Left(texts=False, person_text=None))
    text_in(texting, body)
    session_id = sessions(texting)[0].id
    for _ in range(8):
        with texting.app_context(), contextlib.suppress(Killed):
            answer_session.answer_session(current_runtime(), session_id)
        write(texting, SmsSession, SmsSession.id > 0, lease_expires_at=db_now(-1.0))
    assert len(kills) <= 4
    assert sessions(texting)[0].attempts == 0
    monkeypatch.undo()
    text_in(texting, "START")
    text_in(texting, "and on Sunday?")
    run_jobs(texting)
    assert inbound(texting)[-1].answer_id, "the others flow"


def test_a_host_whose_chat_is_down_loses_no_message(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is no crash: it is tried until it works."""

    def down(chat_id: str, message: Any) -> None:
        raise RuntimeError("the chat is down")

    with monkeypatch.context() as patch:
        patch.setattr(host.chats, "append", down)
        text_in(texting, "STOP")
        for _ in range(6):
            with texting.app_context():
                answer_session.answer_session(current_runtime(), sessions(texting)[0].id)
    with texting.app_context():
        answer_session.answer_session(current_runtime(), sessions(texting)[0].id)
    assert [message.content for chat in host.chats.chats.values() for message in chat] == ["STOP"]
