"""Whoever locks a session, its messages, marks and the channel does so in one order: nobody deadlocks.

Each test stops one of the two half-way and lets the other one begin. Only PostgreSQL locks rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from illumichat_sms_plugin.message_status import MessageStatus
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import patience, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import track_delivery
from illumichat_sms_plugin.services.answering import open_texts, send_message
from illumichat_sms_plugin.services.answering.outgoing import Draft
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.inbound import receive_message
from illumichat_sms_plugin.services.leases import take_session
from illumichat_sms_plugin.services.reconcile import inbound_prices
from illumichat_sms_plugin.services.texters import erase_texter
from illumichat_sms_plugin.twilio_gateway.webhook_forms import StatusReport
from tests.support.channels import sql
from tests.support.twilio_requests import NUMBER, TEXTER, new_sid, text_in

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

OLD = timedelta(hours=2)
"""Older than what is counted live: a change marks its hour."""


class Pair:
    """Two pieces of work, of which the second begins while the first stands still."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self._patch = monkeypatch
        self._errors: list[BaseException] = []

    def halt(self, module: Any, name: str) -> threading.Event:
        """Let the first caller of this function wait until somebody waits for a lock, or half a second."""
        reached, function, first = threading.Event(), getattr(module, name), threading.Lock()

        def slow(*arguments: Any) -> Any:
            if first.acquire(blocking=False):
                reached.set()
                threading.Event().wait(0.5)
            return function(*arguments)

        self._patch.setattr(module, name, slow)
        return reached

    def run(self, one: Callable[[], Any], reached: threading.Event, other: Callable[[], Any]) -> None:
        """Both to their end; the first error of either is raised."""
        threads = [threading.Thread(target=self._run, args=(work,)) for work in (one, other)]
        threads[0].start()
        assert reached.wait(10.0)
        threads[1].start()
        for thread in threads:
            thread.join(30.0)
        if self._errors:
            raise self._errors[0]

    def _run(self, work: Callable[[], Any]) -> None:
        with self.app.app_context():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - raised again by run()
                self._errors.append(error)


@pytest.fixture
def pair(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> Pair:
    return Pair(connected, monkeypatch)


def add_session(app: Flask, number: str = TEXTER) -> int:
    with app.app_context(), transaction() as connection:
        return int(
            connection.execute(
                insert(SmsSession)
                .values(channel_id=1, phone_number=number, last_message_at=db_now())
                .returning(SmsSession.id)
            ).scalar_one()
        )


def add_message(app: Flask, session_id: int, *, age: timedelta = timedelta(0), **columns: Any) -> int:
    """An answer that is on its way, unless ``columns`` say otherwise."""
    answer = {
        "direction": "outbound",
        "kind": "answer",
        "send_state": "accepted",
        "status": "sent",
        "message_sid": new_sid(),
    }
    with app.app_context(), transaction() as connection:
        now = connection.scalars(select(db_now())).one()
        values = answer | columns | {"channel_id": 1, "session_id": session_id, "created_at": now - age}
        row = insert(SmsMessage).values(from_number=NUMBER, to_number=TEXTER, body="x", **values)
        return int(connection.execute(row.returning(SmsMessage.id)).scalar_one())


def asked(app: Flask, session_id: int, **columns: Any) -> int:
    inbound = {"direction": "inbound", "kind": None, "send_state": None, "status": None}
    return add_message(app, session_id, **(inbound | columns))


def erase(session_id: int) -> Callable[[], int]:
    return lambda: erase_texter.erase_texter(current_runtime(), 1, session_id)


def report(app: Flask, message_id: int) -> Callable[[], Any]:
    sid = sql(app, f"SELECT message_sid FROM sms_messages WHERE id = {message_id}").scalar()
    delivered = StatusReport(sid, message_id, MessageStatus("delivered"), None, "1")

    def work() -> None:
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        track_delivery.record_status_report(current_runtime(), channel, delivered)

    return work


def test_erasing_and_a_report_on_somebody_elses_text_of_the_same_hour(connected: Flask, pair: Pair) -> None:
    gone, stays = add_session(connected), add_session(connected, "+15557650002")
    add_message(connected, gone, age=OLD)
    delivered = add_message(connected, stays, age=OLD)
    reached = pair.halt(erase_texter, "note_for_twilio")
    pair.run(erase(gone), reached, report(connected, delivered))
    assert sql(connected, "SELECT status FROM sms_messages").scalar() == "delivered"


def test_erasing_holds_up_nobody_elses_text(connected: Flask, pair: Pair) -> None:
    gone = add_session(connected)
    add_message(connected, gone)
    reached = pair.halt(erase_texter, "note_for_twilio")
    recorded: list[bool] = []

    def text() -> None:
        with patience(0.3):
            recorded.append(text_in(connected, From="+15557650002").status_code == 200)

    pair.run(erase(gone), reached, text)
    assert recorded == [True]


def test_erasing_and_a_report_on_the_same_text(connected: Flask, pair: Pair) -> None:
    session = add_session(connected)
    message = add_message(connected, session)
    reached = pair.halt(track_delivery, "_keep_event")
    pair.run(report(connected, message), reached, erase(session))
    assert sql(connected, "SELECT count(*) FROM sms_messages").scalar() == 0


def test_erasing_and_the_prices_of_its_texts(connected: Flask, pair: Pair) -> None:
    session = add_session(connected)
    keyword = asked(connected, session, no_reply_reason="keyword")
    answer = add_message(connected, session)
    question = asked(connected, session, answer_id=answer)
    reached = threading.Event()

    def price() -> None:
        with transaction() as connection:
            for message in (keyword, question):
                connection.execute(inbound_prices._WRITE, [{"message": message, "amount": 1, "unit": "USD"}])
                reached.set()
                threading.Event().wait(0.5)

    pair.run(price, reached, erase(session))
    assert sql(connected, "SELECT count(*) FROM sms_messages").scalar() == 0


def test_erasing_and_answering_again(connected: Flask, pair: Pair) -> None:
    session = add_session(connected)
    failed = asked(connected, session, no_reply_reason="assistant_failed")
    reached = pair.halt(receive_message, "mark_all_changed")
    pair.run(lambda: receive_message.replay(current_runtime(), failed, 1), reached, erase(session))
    assert sql(connected, "SELECT count(*) FROM sms_messages").scalar() == 0


def test_answering_again_while_another_answer_of_the_session_is_sent(connected: Flask, pair: Pair) -> None:
    session = add_session(connected)
    first = asked(connected, session, age=OLD)
    second = asked(connected, session, age=OLD, no_reply_reason="assistant_failed")
    with connected.app_context():
        lease = take_session(session, 60.0)
    assert lease is not None
    reached = pair.halt(open_texts, "mark_all_changed")

    def send() -> None:
        draft = Draft(kind="answer", body="hi", from_number=NUMBER, answers=(first,), seconds_left=60.0)
        with transaction() as connection:
            send_message.start_send(connection, current_runtime(), lease, draft)

    pair.run(send, reached, lambda: receive_message.replay(current_runtime(), second, 1))
    assert sql(connected, "SELECT count(*) FROM sms_messages WHERE direction = 'outbound'").scalar() == 1


def test_answering_and_the_prices_of_the_texts_that_are_answered(connected: Flask, pair: Pair) -> None:
    session = add_session(connected)
    texts = tuple(asked(connected, session) for _ in range(3))
    # The first one's row lies behind the others now, where an UPDATE meets it last.
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsMessage).where(SmsMessage.id == texts[0]).values(segments=2))
    with connected.app_context():
        lease = take_session(session, 60.0)
    assert lease is not None
    reached = threading.Event()

    def price() -> None:
        with transaction() as connection:
            for message in texts:
                connection.execute(inbound_prices._WRITE, [{"message": message, "amount": 1, "unit": "USD"}])
                reached.set()
                threading.Event().wait(0.3)

    def send() -> None:
        draft = Draft(kind="answer", body="hi", from_number=NUMBER, answers=texts, seconds_left=60.0)
        with transaction() as connection:
            connection.exec_driver_sql("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
            send_message.start_send(connection, current_runtime(), lease, draft)

    pair.run(price, reached, send)
    answered = "SELECT count(*) FROM sms_messages WHERE answer_id IS NOT NULL AND price IS NOT NULL"
    assert sql(connected, answered).scalar() == 3
