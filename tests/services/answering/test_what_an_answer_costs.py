"""An answer asks little of the database, and nothing while others are waited for. The same on both databases,
but for the row versions that PostgreSQL writes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from tests.support.channels import inbound, outbound, sessions
from tests.support.counting import Asked, asked_of
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import status_in, text_in

STATEMENTS, TRANSACTIONS = 17, 5
TEXTS = 30


def engine_of(app: Flask) -> Engine:
    found: Engine = app.extensions["sqlalchemy"].engine
    return found


def answer(app: Flask) -> Asked:
    """Answer what is open as a worker does, and count."""
    session_id = sessions(app)[0].id
    with app.app_context(), asked_of(engine_of(app)) as asked:
        answer_session(current_runtime(), session_id)
    return asked


def test_the_first_answer_to_a_number(texting: Flask, twilio: Any) -> None:
    """The channel's first, too: from then on it is known what the channel has spent."""
    text_in(texting)
    asked = answer(texting)
    assert inbound(texting)[0].answer_id == outbound(texting)[0].id
    assert len(asked.statements) <= STATEMENTS + 1, asked.statements
    assert asked.transactions <= TRANSACTIONS


def test_each_further_one_needs_less(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    answer(texting)
    text_in(texting, "and on Sunday?")
    asked = answer(texting)
    assert len(outbound(texting)) == 2
    assert len(asked.statements) <= STATEMENTS - 1, asked.statements
    assert asked.transactions <= TRANSACTIONS - 1


def test_three_texts_cost_no_more_than_one(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    one = answer(texting)
    for body in ("Hi", "it's me", "when do you open?"):
        text_in(texting, body)
    three = answer(texting)
    assert len(three.statements) < len(one.statements)


def test_a_job_that_finds_nothing_to_do_is_cheap(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    answer(texting)
    asked = answer(texting)
    assert len(asked.statements) <= 5, asked.statements
    assert asked.transactions == 2


def test_a_connection_is_taken_once_a_step(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    asked = answer(texting)
    assert asked.connections == asked.transactions


def test_no_connection_is_held_while_others_are_waited_for(
    texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while the assistant thinks, nor while the chat is written, nor while Twilio is called."""
    held: dict[str, int] = {}
    with texting.app_context():
        pool: Any = engine_of(texting).pool
    send, append = send_message.send_text, host.chats.append

    def watched(name: str, call: Any) -> Any:
        def watch(*arguments: Any, **named: Any) -> Any:
            held[name] = max(held.get(name, 0), pool.checkedout())
            return call(*arguments, **named)

        return watch

    monkeypatch.setattr(send_message, "send_text", watched("Twilio", send))
    monkeypatch.setattr(host.chats, "append", watched("chat", append))
    monkeypatch.setattr(host.chats, "open", watched("new chat", host.chats.open))
    host.assistants.reply = watched("assistant", lambda request: "Yes.")
    text_in(texting)
    with texting.app_context():
        before = pool.checkedout()
        answer_session(current_runtime(), sessions(texting)[0].id)
    assert len(outbound(texting)) == 1
    assert held == dict.fromkeys(("Twilio", "chat", "new chat", "assistant"), before)


def live_through(app: Flask, texts: int) -> None:
    """Texts that are answered, each with its two callbacks."""
    for number in range(texts):
        text_in(app, From=f"+1555765{number:04}")
    for session in sessions(app):
        with app.app_context():
            answer_session(current_runtime(), session.id)
    for status in ("sent", "delivered"):
        for row in outbound(app)[-texts:]:
            status_in(app, row.message_sid, status)


def updated(app: Flask, database_url: str, table: str) -> tuple[int, int]:
    """Updates and HOT updates of a table so far. A connection tells what it did when it ends."""
    with app.app_context():
        engine_of(app).dispose()
    server = create_engine(database_url)
    of_table = text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = :table")
    with server.connect() as connection:
        row = connection.execute(of_table, {"table": table}).one()
    server.dispose()
    return row.n_tup_upd, row.n_tup_hot_upd


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_half_of_a_texts_row_versions_need_no_index_entries(
    texting: Flask, twilio: Any, database_url: str
) -> None:
    """A text is updated once (its answer), the answer three times (accepted, sent, delivered)."""
    live_through(texting, TEXTS)
    tables = ("sms_messages", "sms_sessions")
    before = {table: updated(texting, database_url, table) for table in tables}
    live_through(texting, TEXTS)
    after = {table: updated(texting, database_url, table) for table in tables}
    made, hot = (tuple(after[table][n] - before[table][n] for table in tables) for n in (0, 1))
    assert made == (4 * TEXTS, 4 * TEXTS)
    assert hot[0] >= 0.45 * made[0], "as many as the callbacks are, but for those whose page was full"
    assert hot[1] >= 0.6 * made[1], "all but that of the webhook, which moves the session in the list"
