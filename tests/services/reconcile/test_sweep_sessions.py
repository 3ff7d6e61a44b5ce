"""What is undone and not in the queue is found, page by page, and nothing is enqueued twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from illumichat_sms_plugin.models import SmsMessage, SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.leases import take_session
from illumichat_sms_plugin.services.reconcile import sweep_sessions as sweeping
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from tests.support.channels import queued, sessions, write
from tests.support.database_work import watch_work

LONG_AGO = -60.0


def wait(app: Flask, texters: int, texts: int = 1) -> None:
    """Texters whose texts wait for an answer and whose jobs are lost."""
    began = datetime.now(UTC) + timedelta(seconds=LONG_AGO)
    waiting = [
        {
            "channel_id": 1,
            "phone_number": f"+1555900{n:04}",
            "last_message_at": began + timedelta(milliseconds=10 * n),
        }
        for n in range(texters)
    ]
    made = insert(SmsSession).returning(SmsSession.id, SmsSession.phone_number)
    with app.app_context(), transaction() as connection:
        rows = [
            {
                "channel_id": 1,
                "session_id": session.id,
                "direction": "inbound",
                "message_sid": f"SM{session.id:016}{text:016}",
                "from_number": session.phone_number,
                "to_number": "+15551230001",
                "body": "hello?",
                "in_chat": True,
            }
            for session in connection.execute(made, waiting)
            for text in range(texts)
        ]
        connection.execute(insert(SmsMessage), rows)


def sweep(app: Flask) -> int:
    with app.app_context():
        return sweep_sessions(current_runtime())


def rested(app: Flask) -> None:
    """As if the pause after the last sweep of each session were over."""
    write(app, SmsSession, SmsSession.id > 0, swept_at=db_now(LONG_AGO))


def test_a_backlog_is_in_the_queue_once_however_often_it_is_swept(connected: Flask) -> None:
    """Without a worker for a minute, of two copies of housekeeping."""
    wait(connected, 40)
    assert sweep(connected) == 40
    for _ in range(30):
        rested(connected)
        assert sweep(connected) == 0
    assert queued(connected) == 40


def test_who_has_waited_longest_is_first(connected: Flask) -> None:
    wait(connected, 20)
    write(connected, SmsSession, SmsSession.id == 15, last_message_at=db_now(2 * LONG_AGO))
    sweep(connected)
    with connected.app_context(), current_runtime().queue.turn("sms-turn-x", 0) as chosen:
        assert chosen == 15


def test_each_sweep_looks_at_a_page_and_goes_on_from_there(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "PAGE", 10)
    wait(connected, 35, texts=2)
    found = [sweep(connected) for _ in range(8)]
    assert sum(found) == 35
    assert max(found) <= 10
    assert queued(connected) == 35


def test_what_people_wrote_is_found_page_by_page_too(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ones may wait long, for example while their answers are in doubt."""
    monkeypatch.setattr(sweeping, "PAGE", 10)
    wait(connected, 35)
    write(connected, SmsMessage, SmsMessage.id > 0, no_reply_reason="taken_over")
    with connected.app_context(), transaction() as connection:
        person = {"channel_id": 1, "body": "Here I am.", "by_id": "usr_1", "by_name": "Ann"}
        rows = [{**person, "session_id": session.id, "key": "x"} for session in sessions(connected)]
        connection.execute(insert(SmsPersonText), rows)
    found = [sweep(connected) for _ in range(8)]
    assert sum(found) == 35
    assert max(found) <= 10


def test_a_session_with_many_texts_does_not_hold_up_the_sweep(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "PAGE", 4)
    wait(connected, 3, texts=9)
    assert sum(sweep(connected) for _ in range(4)) == 3


def test_a_sweep_reads_no_more_than_its_page_though_many_wait(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "PAGE", 50)
    wait(connected, 1500)
    with connected.app_context():
        engine: Engine = connected.extensions["sqlalchemy"].engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    for _ in range(3):
        with watch_work(engine) as watch:
            assert sweep(connected)
        assert watch.too_much(250) == ""


def test_who_is_being_answered_rests_or_waits_for_a_retry_is_left_alone(connected: Flask) -> None:
    wait(connected, 4)
    with connected.app_context():
        assert take_session(sessions(connected)[0].id, 60.0)
    write(connected, SmsSession, SmsSession.id == 2, swept_at=db_now())
    write(connected, SmsSession, SmsSession.id == 3, retry_at=db_now(60.0))
    write(connected, SmsSession, SmsSession.id == 4, last_message_at=db_now())
    assert sweep(connected) == 0
    write(connected, SmsSession, SmsSession.id == 3, retry_at=db_now(-1.0))
    assert sweep(connected) == 1


def test_a_sweep_that_redis_did_not_take_is_made_again(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(connected, 3)
    with connected.app_context():
        queue = current_runtime().queue
        monkeypatch.setattr(queue, "_may_try", lambda: False)
        assert sweep(connected) == 0
        monkeypatch.undo()
        assert sweep(connected) == 3
