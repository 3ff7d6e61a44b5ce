"""Handing a text over: what Twilio throttles or refuses, and what changes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.default_words import DEFAULT_CONFIRMATION
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.reconcile.settle_doubt import LOOKS, MAX_RESENDS
from tests.services.answering.answers import on_twilio
from tests.services.reconcile.doubt import look
from tests.support.channels import connect, inbound, outbound, run_jobs, sessions, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def test_429_is_tried_again(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=3)
    text_in(impatient)
    run_jobs(impatient)
    assert len(on_twilio(twilio)) == 1
    assert outbound(impatient)[0].send_state == "accepted"


def test_429_that_lasts_is_tried_once_more_later(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=4)
    text_in(impatient)
    run_jobs(impatient)
    assert outbound(impatient)[0].error_code == 20429
    for _ in range(2):
        look(impatient)
    row = outbound(impatient)[0]
    assert (row.send_state, row.error_code) == ("accepted", None)
    assert len(on_twilio(twilio)) == 1


def test_429_without_end_waits_for_an_admin(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=None)
    text_in(impatient)
    run_jobs(impatient)
    for _ in range(LOOKS * (MAX_RESENDS + 1)):
        look(impatient)
    assert outbound(impatient)[0].send_state == "unsettled"
    assert on_twilio(twilio) == []


def test_21610_is_an_opt_out(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21610)
    text_in(impatient)
    run_jobs(impatient)
    assert outbound(impatient)[0].error_code == 21610
    assert sessions(impatient)[0].opted_out_at is not None
    text_in(impatient, "hello again")
    run_jobs(impatient)
    assert inbound(impatient)[-1].no_reply_reason == "opted_out"


def test_other_refusals_are_never_tried_again_and_an_admin_hears_of_what_he_can_mend(
    impatient: Flask, twilio: Any, host: MemoryHost
) -> None:
    twilio.add_fault("api_error", code=21606)
    text_in(impatient)
    for _ in range(2):
        run_jobs(impatient)
        look(impatient)
    assert on_twilio(twilio) == []
    assert len(host.assistants.requests) == 1
    assert sql(impatient, "SELECT attention_code FROM sms_channels").scalar() == 21606
    assert ("assistant", "We are open from 9 to 17.") not in host.chats.transcript()
    text_in(impatient, "and now?")
    run_jobs(impatient)
    assert sql(impatient, "SELECT attention_code FROM sms_channels").scalar() is None


def test_an_answer_waits_until_twilio_can_be_reached(make: Callable[..., Flask], twilio: Any) -> None:
    """A connection that never stood sent nothing; the texter gets the answer when it does."""
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_TWILIO_CONNECT_TIMEOUT=0.5)
    connect(app)
    twilio.stop()
    text_in(app)
    run_jobs(app)
    assert outbound(app)[0].send_state == "in_doubt"
    look(app)
    twilio.start()
    for _ in range(2):
        look(app)
    assert len(on_twilio(twilio)) == 1
    assert outbound(app)[0].send_state == "accepted"


def test_a_failed_answer_can_be_given_after_all(impatient: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.inbound.receive_message import replay

    twilio.add_fault("api_error", code=21606)
    text_in(impatient)
    run_jobs(impatient)
    (message,) = inbound(impatient)
    assert message.no_reply_reason == "send_failed"
    with impatient.app_context():
        assert replay(current_runtime(), message.id, message.channel_id)
    run_jobs(impatient)
    assert len(on_twilio(twilio)) == 1


def test_while_the_token_cannot_be_read_texts_wait_and_nobody_is_asked(
    impatient: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(impatient)
    sql(impatient, "UPDATE sms_channels SET auth_token = 'gAAAA broken'")
    run_jobs(impatient)
    assert (outbound(impatient), host.assistants.requests) == ([], [])
    assert sql(impatient, "SELECT attention_code FROM sms_channels").scalar() == 20003
    connect(impatient)
    with impatient.app_context():
        current_runtime().queue.answer_session(sessions(impatient)[0].id, 1)
    run_jobs(impatient)
    assert inbound(impatient)[0].answer_id == outbound(impatient)[0].id
    assert on_twilio(twilio) == ["We are open from 9 to 17."]


def test_who_opts_out_while_twilio_throttles_gets_no_text(
    impatient: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a word of the channel's own, of which Twilio knows nothing; only the confirmation of it is sent."""
    from tests.support.channels import change

    change(impatient, opt_out_words=("basta",))
    twilio.add_fault("too_many_requests", count=1)
    monkeypatch.setattr(send_message.time, "sleep", lambda seconds: text_in(impatient, "basta"))
    text_in(impatient)
    run_jobs(impatient)
    assert on_twilio(twilio) == [DEFAULT_CONFIRMATION]
    assert (outbound(impatient)[0].send_state, outbound(impatient)[0].error_code) == ("failed", 21610)


def test_a_token_that_is_saved_while_the_assistant_thinks_sends_its_answer(
    impatient: Flask, twilio: Any, host: MemoryHost
) -> None:
    from demo.twilio_simulator import seed
    from tests.support.channels import change

    def answer(request: Any) -> str:
        twilio.add_fault("rotated_token", count=None)
        change(impatient, auth_token=seed.SECONDARY_AUTH_TOKEN)
        return "We are open."

    host.assistants.reply = answer
    text_in(impatient)
    run_jobs(impatient)
    assert on_twilio(twilio) == ["We are open."]
