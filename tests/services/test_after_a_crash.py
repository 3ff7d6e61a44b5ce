"""What one session's crash does to the others, and how long anybody waits."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import engine, patience, transaction
from illumichat_sms_plugin.services.answer_session import SUSPECTS
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


def test_whoever_takes_a_dead_workers_session_is_told(connected: Flask) -> None:
    text_in(connected)
    with connected.app_context():
        first = take_session(sessions(connected)[0].id, 60.0)
        assert first is not None
        assert not first.after_crash
        assert take_session(first.session_id, 60.0) is None
        write(connected, SmsSession, SmsSession.id > 0, lease_expires_at=db_now(-1.0))
        second = take_session(first.session_id, 60.0)
    assert second is not None
    assert second.after_crash


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


def test_a_text_that_killed_its_worker_three_times_is_set_aside(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting)
    crashed(texting, attempts=3)
    run_jobs(texting)
    assert host.assistants.requests == []
    assert inbound(texting)[0].no_reply_reason == "assistant_failed"
    assert outbound(texting)[0].kind == "apology"


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
