"""What the pipeline makes of machines: three answers, then silence until a person writes or an admin says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.services.sessions.session_actions import wake
from tests.services.answering.answers import on_twilio
from tests.support.channels import OWNER, connect, inbound, messages, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

ROBOT = "I will be away from my desk until Monday and shall look into it then."


def robot(app: Flask, times: int, body: str = ROBOT) -> None:
    for _ in range(times):
        text_in(app, body)
        run_jobs(app)


@pytest.fixture
def stopped(texting: Flask, twilio: Any) -> Flask:
    robot(texting, 5)
    return texting


def let_pass(app: Flask, seconds: float) -> None:
    """So much time passes: every text is that much older."""
    for row in messages(app):
        write(
            app, SmsMessage, SmsMessage.id == row.id, created_at=row.created_at - timedelta(seconds=seconds)
        )


def test_the_fourth_of_the_same_texts_gets_no_answer(stopped: Flask, twilio: Any, host: MemoryHost) -> None:
    assert [row.no_reply_reason for row in inbound(stopped)] == [None, None, None, "machine", "machine"]
    assert len(on_twilio(twilio)) == len(host.assistants.requests) == 3
    (session,) = sessions(stopped)
    assert session.machine_evidence.startswith("It sent nearly the same text 4 times in a row")
    assert host.chats.transcript()[-1][1] == ROBOT


def test_a_different_text_at_a_persons_pace_wakes_the_session(stopped: Flask, twilio: Any) -> None:
    let_pass(stopped, 60)
    robot(stopped, 1, "Sorry, that was my phone!")
    assert len(on_twilio(twilio)) == 4
    robot(stopped, 3)
    assert len(on_twilio(twilio)) == 4, "what goes on at a machine's pace is known at once"
    assert inbound(stopped)[-1].no_reply_reason == "machine"


def test_the_same_text_a_day_later_does_not(stopped: Flask, twilio: Any) -> None:
    let_pass(stopped, 80_000)
    robot(stopped, 2)
    assert len(on_twilio(twilio)) == 3


def test_an_admin_wakes_it(stopped: Flask, twilio: Any) -> None:
    (session,) = sessions(stopped)
    with stopped.app_context():
        assert wake(session.channel_id, session.id, by=OWNER)
        assert not wake(session.channel_id, session.id, by=OWNER)
    robot(stopped, 5)
    assert len(on_twilio(twilio)) == 6


def test_a_number_that_is_a_channel_here_gets_no_answer(texting: Flask, host: MemoryHost) -> None:
    connect(texting, "ast_globex", phone_number=TEXTER)
    robot(texting, 1, "Hello, I am the assistant of Globex.")
    assert inbound(texting)[0].no_reply_reason == "machine"
    assert host.assistants.requests == []
    assert "SMS channel here" in sessions(texting)[0].machine_evidence


def test_an_automatic_reply_gets_none(texting: Flask, host: MemoryHost) -> None:
    robot(texting, 1, "I'm driving with Focus turned on. I'll see your message when I get where I'm going.")
    assert inbound(texting)[0].no_reply_reason == "auto_reply"
    assert host.assistants.requests == []


def test_answers_that_did_not_go_out_are_no_answers(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606, count=None)
    robot(texting, 4)
    assert [row.no_reply_reason for row in inbound(texting)] == ["send_failed"] * 4


def test_an_operator_may_allow_more(make: Any, twilio: Any) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_MACHINE_ANSWERS=5)
    connect(app)
    robot(app, 7)
    assert len(on_twilio(twilio)) == 5
