"""From a recorded text to an accepted answer: a real queue, a real worker, a simulated Twilio."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import AnswerRequest
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.leases import take_session
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import change, inbound, messages, outbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER, text_in


def test_a_text_is_answered_and_the_chat_has_both(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "What are your opening hours?")
    run_jobs(texting)

    assert on_twilio(twilio) == ["We are open from 9 to 17."]
    (answer,) = outbound(texting)
    assert (answer.send_state, answer.kind, answer.segments) == ("accepted", "answer", 1)
    assert re.fullmatch(r"SM[0-9a-f]{32}", answer.message_sid)
    assert inbound(texting)[0].answer_id == answer.id
    assert host.chats.transcript() == [
        ("user", "What are your opening hours?"),
        ("assistant", "We are open from 9 to 17."),
    ]


def test_the_assistant_is_told_about_sms(texting: Flask, host: MemoryHost) -> None:
    change(texting, guidelines="Sign as Acme.", max_message_length=300)
    text_in(texting)
    run_jobs(texting)
    (request,) = host.assistants.requests
    assert request.channel == "sms"
    assert "Sign as Acme." in request.instructions
    assert "300" in request.instructions
    assert request.timeout == 60.0


def test_texts_sent_quickly_are_answered_together(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    for body in ("Hi", "it's me", "when do you open?"):
        text_in(texting, body)
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1
    (answer,) = outbound(texting)
    assert {row.answer_id for row in inbound(texting)} == {answer.id}
    assert [content for role, content in host.chats.transcript() if role == "user"] == [
        "Hi",
        "it's me",
        "when do you open?",
    ]


def test_a_text_that_comes_while_the_assistant_thinks_is_in_the_same_answer(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        if len(host.assistants.requests) == 1:
            text_in(texting, "and on Sunday?")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    text_in(texting, "When are you open?")
    run_jobs(texting)
    assert on_twilio(twilio) == ["answer 2"]
    assert len({row.answer_id for row in inbound(texting)}) == 1


def test_after_two_restarts_the_answer_goes_out_and_the_rest_is_answered_next(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        if len(host.assistants.requests) <= 3:
            text_in(texting, f"more {len(host.assistants.requests)}")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    text_in(texting, "first")
    run_jobs(texting)
    assert on_twilio(twilio) == ["answer 3", "answer 4"]
    assert all(row.answer_id for row in inbound(texting))
    roles = [role for role, _ in host.chats.transcript()]
    assert roles == ["user", "user", "user", "assistant", "user", "assistant"], "what is open stays last"


def test_a_doubled_job_answers_once(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    with texting.app_context():
        for _ in range(3):
            current_runtime().queue.answer_session(sessions(texting)[0].id, 1)
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1


def test_a_session_that_another_worker_has_is_left_alone(texting: Flask, host: MemoryHost) -> None:
    text_in(texting)
    with texting.app_context():
        session_id = sessions(texting)[0].id
        assert take_session(session_id, 60.0)
        answer_session(current_runtime(), session_id)
    assert not host.assistants.requests


def test_a_worker_that_lost_its_lease_sends_nothing(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def think(request: AnswerRequest) -> str:
        write(texting, SmsSession, SmsSession.id > 0, lease_token="somebody else")
        return "too late"

    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].answer_id is None


def test_who_opts_out_while_the_assistant_thinks_gets_nothing(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        text_in(texting, "STOP")
        return "Here is your answer"

    host.assistants.reply = think
    text_in(texting, "question")
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert [row.no_reply_reason for row in inbound(texting)] == ["opted_out", "keyword"]


def test_a_channel_that_is_switched_off_meanwhile_does_not_answer(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    change(texting, enabled=False)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "disabled"


def test_a_stale_text_is_not_answered(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "last night")
    write(texting, SmsMessage, SmsMessage.id > 0, created_at=db_now(-1801.0))
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "stale"
    assert host.chats.transcript() == [("user", "last night")]


def test_an_answer_that_took_too_long_is_not_sent(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        write(texting, SmsMessage, SmsMessage.id > 0, created_at=db_now(-1801.0))
        return "late"

    from tests.support.channels import connect

    texting = make(SMS_TWILIO_API_URL=twilio.url)
    connect(texting)
    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "stale"


def test_the_answer_is_made_fit_for_sms(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    change(texting, max_message_length=60)
    host.assistants.reply = lambda request: (
        "**Open** “daily” — see <https://acme.test>.\n\n" + "More words. " * 30
    )
    text_in(texting)
    run_jobs(texting)
    (body,) = on_twilio(twilio)
    assert len(body) <= 60
    assert "**" not in body
    assert '"daily"' in body


def test_the_answer_comes_from_the_number_that_was_texted(texting: Flask, twilio: Any) -> None:
    text_in(texting, To="+15551230002")
    run_jobs(texting)
    (answer,) = twilio.messages(to=TEXTER, created_by="api")
    assert answer.from_ == "+15551230002"


def test_a_host_that_took_over_says_so_and_nothing_is_sent(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: None
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "taken_over"


def test_a_lost_job_is_found_by_housekeeping(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    with texting.app_context():
        current_runtime().queue.connection().flushall()
        run_once(current_runtime())
    assert run_jobs(texting) == 0, "a job that may still come is given time"
    due_now(texting)
    with texting.app_context():
        run_once(current_runtime())
    assert run_jobs(texting) == 1
    assert len(on_twilio(twilio)) == 1


def test_two_machines_do_not_text_each_other_without_end(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    from tests.support.channels import connect

    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_ANSWERS_PER_HOUR=3)
    connect(app)
    for n in range(5):
        text_in(app, f"ping {n}")
        run_jobs(app)
    assert len(on_twilio(twilio)) == 3
    # On a machine with other work the repeats may look as regular as a machine's before the hour's answers are used up.
    assert [row.no_reply_reason for row in inbound(app)][-1] in ("rate_limited", "machine")


def test_messages_name_no_full_number_in_the_log(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    text_in(texting, "my secret question")
    run_jobs(texting)
    assert messages(texting)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("illumichat_sms"))
    assert TEXTER not in ours
    assert NUMBER not in ours
    assert "secret question" not in ours


def test_disconnecting_while_the_assistant_thinks_sends_nothing(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    from illumichat_sms_plugin.host import Person
    from illumichat_sms_plugin.services.setup.save_channel import disconnect

    def think(request: AnswerRequest) -> str:
        with texting.app_context():
            disconnect(current_runtime(), "ast_support", by=Person("p", "Admin"))
        return "too late"

    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "not_connected"


def test_more_texts_than_are_answered_at_once_are_answered_in_rounds(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from illumichat_sms_plugin.services.answering import open_texts

    monkeypatch.setattr(open_texts, "MAX_AT_ONCE", 2)
    for n in range(5):
        text_in(texting, f"text {n}")
    run_jobs(texting)
    assert all(row.answer_id for row in inbound(texting))
    assert len(on_twilio(twilio)) == 3
