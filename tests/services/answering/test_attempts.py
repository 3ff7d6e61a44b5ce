"""An assistant that fails is asked again, and then the texter hears of it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.inbound.receive_message import replay
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import change, inbound, outbound, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


@pytest.mark.parametrize("failure", [AssistantUnavailable("busy"), ValueError("a bug of the host"), ""])
def test_a_failing_assistant_is_asked_again_and_then_the_texter_gets_one_apology(
    texting: Flask, twilio: Any, host: MemoryHost, failure: Exception | str
) -> None:
    def fail(request: AnswerRequest) -> str:
        if isinstance(failure, Exception):
            raise failure
        return failure

    host.assistants.reply = fail
    text_in(texting)
    for _ in range(4):
        run_jobs(texting)
        due_now(texting)
        with texting.app_context():
            run_once(current_runtime())
    assert len(host.assistants.requests) == 3
    assert on_twilio(twilio) == ["Sorry, I can't answer right now. Please try again in a few minutes."]
    assert inbound(texting)[0].no_reply_reason == "assistant_failed"
    assert outbound(texting)[0].kind == "apology"


def test_a_host_that_is_busy_says_for_how_long_and_is_logged_in_one_line(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(request: AnswerRequest) -> str:
        raise AssistantUnavailable("all models are busy", retry_after=90)

    host.assistants.reply = busy
    text_in(texting)
    run_jobs(texting)
    waits = select(SmsSession.id).where(SmsSession.retry_at.between(db_now(80), db_now(100)))
    with texting.app_context(), transaction() as connection:
        assert connection.scalars(waits).all()
    assert "the assistant is not available: all models are busy" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_texter_gets_one_apology_an_hour(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def fail(request: AnswerRequest) -> str:
        raise AssistantUnavailable

    host.assistants.reply = fail
    for body in ("one", "two"):
        text_in(texting, body)
        for _ in range(4):
            run_jobs(texting)
            due_now(texting)
            with texting.app_context():
                run_once(current_runtime())
    assert len(on_twilio(twilio)) == 1
    assert [row.no_reply_reason for row in inbound(texting)] == ["assistant_failed"] * 2


def test_a_text_that_was_given_up_can_be_answered_after_all(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def fail(request: AnswerRequest) -> str:
        raise AssistantUnavailable

    host.assistants.reply = fail
    text_in(texting)
    for _ in range(4):
        run_jobs(texting)
        due_now(texting)
        with texting.app_context():
            run_once(current_runtime())
    host.assistants.reply = lambda request: "Now I can."
    with texting.app_context():
        (message,) = inbound(texting)
        assert replay(current_runtime(), message.id, message.channel_id)
        assert not replay(current_runtime(), message.id, message.channel_id)
    run_jobs(texting)
    assert on_twilio(twilio)[-1] == "Now I can."


def test_a_chat_history_that_fails_is_a_failed_attempt_too(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.chats.fail = RuntimeError("history is down")
    text_in(texting)
    run_jobs(texting)
    assert sessions(texting)[0].attempts == 1
    host.chats.fail = None
    due_now(texting)
    with texting.app_context():
        run_once(current_runtime())
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1


class TestAttempts:
    """What counts as a try, and when the count starts anew."""

    @pytest.fixture
    def failing(self, texting: Flask, host: MemoryHost) -> Flask:
        def fail(request: AnswerRequest) -> str:
            raise AssistantUnavailable

        host.assistants.reply = fail
        return texting

    def test_texts_closed_for_another_reason_take_their_attempts_with_them(
        self, failing: Flask, twilio: Any, host: MemoryHost
    ) -> None:
        text_in(failing)
        for _ in range(2):
            run_jobs(failing)
            due_now(failing)
            with failing.app_context():
                run_once(current_runtime())
        change(failing, enabled=False)
        run_jobs(failing)
        change(failing, enabled=True)
        host.assistants.reply = lambda request: "Hello again."
        text_in(failing, "and now?")
        run_jobs(failing)
        assert on_twilio(twilio) == ["Hello again."]

    def test_a_further_text_does_not_shorten_the_pause(
        self, make: Callable[..., Flask], failing: Flask, host: MemoryHost
    ) -> None:
        patient = make(SMS_TWILIO_API_URL="http://127.0.0.1:1", SMS_RETRY_DELAY=3600)
        for body in ("one", "two", "three"):
            text_in(patient, body)
            run_jobs(patient)
        assert len(host.assistants.requests) == 1

    def test_the_apology_is_a_note_and_the_question_stays_open(
        self, failing: Flask, host: MemoryHost
    ) -> None:
        text_in(failing, "question")
        for _ in range(4):
            run_jobs(failing)
            due_now(failing)
            with failing.app_context():
                run_once(current_runtime())
        run_jobs(failing)
        assert [role for role, _ in host.chats.transcript()] == ["user", "note"]
