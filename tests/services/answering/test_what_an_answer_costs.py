"""An answer asks little of the database, and nothing while others are waited for. The same on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from tests.support.channels import inbound, outbound, sessions
from tests.support.counting import Asked, asked_of
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

STATEMENTS, TRANSACTIONS = 18, 6


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
    text_in(texting)
    asked = answer(texting)
    assert inbound(texting)[0].answer_id == outbound(texting)[0].id
    assert len(asked.statements) <= STATEMENTS, asked.statements
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
