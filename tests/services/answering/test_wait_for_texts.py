"""Several texts in a row get one answer: it goes out when the texter has been quiet for a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.host import AnswerRequest
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session
from illumichat_sms_plugin.services.answering.decide import decide
from illumichat_sms_plugin.services.answering.moves import Ask, Because, Hold, Move, Send, Wait
from illumichat_sms_plugin.services.answering.situation import (
    LONGEST_HELD,
    AnswerInHand,
    Limits,
    OpenText,
    Situation,
)
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import change, connect, messages, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.situations import CHANNEL, LIMITS, a_situation, a_text
from tests.support.twilio_requests import text_in

BOTH = (1, 2)


def waiting(
    seconds: int,
    *ages: float,
    answer: AnswerInHand | None = None,
    unfinished: bool = False,
    longest: float = 60.0,
) -> Situation:
    """A channel that waits so many seconds, and texts that came so many seconds ago."""
    texts: list[OpenText] = [a_text(id, age=age) for id, age in enumerate(ages, 1)]
    texts[-1] = replace(texts[-1], unfinished=unfinished)
    limits: Limits = replace(LIMITS, longest_wait=longest)
    channel = replace(CHANNEL, options=ChannelOptions(wait_seconds=seconds))
    return replace(a_situation(texts=tuple(texts), answer=answer), limits=limits, channel=channel)


def said(*asked: int, handoff: str = "", restarts: int = 0) -> AnswerInHand:
    return AnswerInHand("We are open.", frozenset(asked), restarts, handoff=handoff)


@pytest.mark.parametrize(
    ("situation", "move"),
    [
        # the assistant thinks meanwhile
        (waiting(2, 0.0), Ask((1,))),
        (waiting(10, 0.0), Ask((1,))),
        (waiting(2, 1.5, answer=said(1)), Hold(0.5)),
        (waiting(2, 2.0, answer=said(1)), Send("We are open.", (1,))),
        (waiting(0, 0.0, answer=said(1)), Send("We are open.", (1,))),
        # another text has come: it is asked again only when the texter is quiet
        (waiting(2, 3.0, 0.5, answer=said(1)), Hold(1.5)),
        (waiting(2, 5.0, 2.5, answer=said(1)), Ask(BOTH)),
        (waiting(2, 5.0, 0.5, answer=said(1, restarts=2)), Hold(1.5)),
        # a text that looks unfinished
        (waiting(2, 1.5, answer=said(1), unfinished=True), Hold(4.5)),
        (waiting(2, 6.0, answer=said(1), unfinished=True), Send("We are open.", (1,))),
        (waiting(0, 0.0, answer=said(1), unfinished=True), Send("We are open.", (1,))),
        # a long wait holds no worker
        (waiting(30, 5.0), Wait(Because.FURTHER_TEXTS)),
        (waiting(30, 20.0), Ask((1,))),
        (waiting(30, 25.0, 1.0, answer=said(1)), Wait(Because.FURTHER_TEXTS)),
        # nobody writes without end
        (waiting(60, 59.0, 0.0, answer=said(1)), Hold(1.0)),
        (waiting(60, 60.0, 0.0, answer=said(1, 2)), Send("We are open.", BOTH)),
        # the operator's bound
        (waiting(30, 0.0, longest=0.0), Ask((1,))),
        (waiting(30, 1.0, answer=said(1), longest=1.5), Hold(0.5)),
        # who hands off says so at once
        (waiting(30, 1.0, answer=said(1, handoff="wants a person")), Send("We are open.", (1,))),
    ],
)
def test_what_is_done(situation: Situation, move: Move) -> None:
    assert decide(situation) == move


def test_the_last_seconds_are_held_by_a_worker() -> None:
    assert decide(waiting(60, 60.0 - LONGEST_HELD)) == Ask((1,))


@pytest.fixture
def patient(make: Callable[..., Flask], twilio: Any) -> Flask:
    """The channel waits a second after the last text."""
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_LONGEST_WAIT_FOR_TEXTS=60)
    connect(app)
    change(app, wait_seconds=1)
    return app


def test_three_texts_in_a_row_get_one_answer_for_one_call_too_many(
    patient: Flask, twilio: Any, host: MemoryHost
) -> None:
    """The second comes while the assistant thinks about the first, the third while the answer is held."""

    def think(request: AnswerRequest) -> str:
        if len(host.assistants.requests) == 1:
            text_in(patient, "For a lamp")
            threading.Timer(0.5, text_in, (patient, "A green one?")).start()
        return f"Answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    text_in(patient, "I have a question")
    run_jobs(patient)
    assert on_twilio(twilio) == ["Answer 2"]
    assert [row.answer_id for row in messages(patient)] == [4, 4, 4, None]


def test_a_window_below_the_time_to_think_costs_nothing(
    patient: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_session, "time", SimpleNamespace(sleep=lambda _: pytest.fail("nobody waits")))
    host.assistants.reply = lambda _: threading.Event().wait(1.1) or "We are open."  # type: ignore[assignment]
    text_in(patient)
    run_jobs(patient)
    assert len(on_twilio(twilio)) == 1


def test_an_answer_that_is_held_is_not_sent_after_stop(
    patient: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_session, "time", SimpleNamespace(sleep=lambda _: text_in(patient, "STOP")))
    text_in(patient)
    run_jobs(patient)
    assert on_twilio(twilio) == []


def test_a_long_wait_holds_no_worker_and_ends_by_itself(
    patient: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no failed attempt either."""
    monkeypatch.setattr(
        answer_session, "time", SimpleNamespace(sleep=lambda _: pytest.fail("a worker is held"))
    )
    change(patient, wait_seconds=60)
    text_in(patient)
    run_jobs(patient)
    (session,) = sessions(patient)
    assert host.assistants.requests == []
    assert session.attempts == 0
    assert session.retry_at > session.last_message_at
    write(patient, SmsMessage, SmsMessage.id > 0, created_at=db_now(-60.0))
    due_now(patient)
    with patient.app_context():
        run_once(current_runtime())
    run_jobs(patient)
    assert len(on_twilio(twilio)) == 1
