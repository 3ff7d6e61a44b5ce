"""The database is away for a moment: no attempt at the assistant is counted, and no outcome is forgotten."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from illumichat_sms_plugin.models import database
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import outcome, step
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import inbound, outbound, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

AWAY = (OperationalError("SELECT 1", {}, Exception("server closed the connection")), PoolTimeout("no place"))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0, 0.0))


def answer(app: Flask) -> None:
    with app.app_context():
        answer_session(current_runtime(), sessions(app)[0].id)


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_it_is_no_attempt_when_the_database_goes_away_while_the_assistant_thinks(
    texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise error

    text_in(texting)
    for _ in range(4):
        with monkeypatch.context() as patch, suppress(type(error)):
            patch.setattr(step, "look_again", away)
            answer(texting)
        assert sessions(texting)[0].attempts == 0
        due_now(texting)
    assert outbound(texting) == []
    answer(texting)
    assert on_twilio(twilio) == ["We are open from 9 to 17."]


def test_the_hosts_own_database_is_no_attempt_either(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def away(request: Any) -> str:
        raise AWAY[0]

    host.assistants.reply = away
    text_in(texting)
    for _ in range(4):
        with suppress(OperationalError):
            answer(texting)
        due_now(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason is None
    assert sessions(texting)[0].lease_token is None


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_what_twilio_has_told_is_written_down_when_the_database_is_back(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    away = [error, error]
    accept = outcome._accept

    def when_back(*arguments: Any, **named: Any) -> None:
        if away:
            raise away.pop()
        accept(*arguments, **named)

    monkeypatch.setattr(outcome, "_accept", when_back)
    text_in(texting)
    answer(texting)
    assert [row.send_state for row in outbound(texting)] == ["accepted"]
    assert len(on_twilio(twilio)) == 1


def test_an_outcome_that_was_committed_unnoticed_is_written_twice_without_harm(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection broke after the commit, so nobody knows that it worked."""
    accept, lost = outcome._accept, [AWAY[0]]

    def committed_first(connection: Any, *arguments: Any, **named: Any) -> None:
        accept(connection, *arguments, **named)
        if lost:
            connection.commit()
            raise lost.pop()

    monkeypatch.setattr(outcome, "_accept", committed_first)
    text_in(texting)
    answer(texting)
    (row,) = outbound(texting)
    assert (row.send_state, row.status_conflict) == ("accepted", False)
    assert row.message_sid
