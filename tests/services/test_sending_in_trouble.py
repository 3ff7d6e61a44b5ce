"""Twilio refuses, throttles, or leaves us in doubt: at most one message, and a clear end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import send_message
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.settle_doubt import dismiss, resend
from tests.support.channels import connect, inbound, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

IN_DOUBT = ["hang_after_accepting", "reset_after_accepting", "error_after_accepting", "no_sid"]


@pytest.fixture
def texting(make: Callable[..., Flask], twilio: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A connected app that does not wait long for Twilio."""
    monkeypatch.setattr(send_message, "THROTTLE_PAUSES", (0.01, 0.01, 0.01))
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_TWILIO_READ_TIMEOUT=0.5, SMS_SETTLE_INTERVAL=30)
    connect(app)
    return app


def created(twilio: Any) -> list[str]:
    return [message.body for message in twilio.messages(to=TEXTER, created_by="api")]


def look(app: Flask) -> None:
    """Let housekeeping look after everything that is in doubt, as if its time had come."""
    write(app, SmsMessage, SmsMessage.send_state == "in_doubt", check_at=db_now(-1.0))
    with app.app_context():
        run_once(current_runtime())


def abandon(app: Flask, **columns: Any) -> None:
    """Leave the outbound row as a killed worker would."""
    values = {"send_state": "sending", "message_sid": None, "status": None, "check_at": db_now(-1.0)}
    write(app, SmsMessage, SmsMessage.direction == "outbound", **values | columns)


def test_429_is_tried_again(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=3)
    text_in(texting)
    run_jobs(texting)
    assert len(created(twilio)) == 1
    assert outbound(texting)[0].send_state == "accepted"


def test_429_that_lasts_is_tried_once_more_later(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=4)
    text_in(texting)
    run_jobs(texting)
    assert outbound(texting)[0].error_code == 20429
    for _ in range(2):
        look(texting)
    row = outbound(texting)[0]
    assert (row.send_state, row.error_code) == ("accepted", None)
    assert len(created(twilio)) == 1


def test_429_without_end_waits_for_an_admin(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("too_many_requests", count=None)
    text_in(texting)
    run_jobs(texting)
    for _ in range(4):
        look(texting)
    assert outbound(texting)[0].send_state == "unsettled"
    assert created(twilio) == []


def test_21610_is_an_opt_out(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21610)
    text_in(texting)
    run_jobs(texting)
    assert outbound(texting)[0].error_code == 21610
    assert sessions(texting)[0].opted_out_at is not None
    text_in(texting, "hello again")
    run_jobs(texting)
    assert inbound(texting)[-1].no_reply_reason == "opted_out"


def test_other_refusals_are_never_tried_again_and_an_admin_hears_of_what_he_can_mend(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    twilio.add_fault("api_error", code=21606)
    text_in(texting)
    for _ in range(2):
        run_jobs(texting)
        look(texting)
    assert created(twilio) == []
    assert len(host.assistants.requests) == 1
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() == 21606
    assert ("assistant", "We are open from 9 to 17.") not in host.chats.transcript()
    text_in(texting, "and now?")
    run_jobs(texting)
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() is None


@pytest.mark.parametrize("fault", IN_DOUBT)
def test_what_twilio_has_is_found_there_and_not_sent_again(texting: Flask, twilio: Any, fault: str) -> None:
    twilio.add_fault(fault)
    text_in(texting)
    run_jobs(texting)
    assert outbound(texting)[0].send_state == "in_doubt"
    look(texting)
    row = outbound(texting)[0]
    assert row.send_state == "accepted"
    assert row.message_sid == twilio.messages(to=TEXTER, created_by="api")[0].sid
    assert len(created(twilio)) == 1


def test_a_trial_accounts_text_is_found_with_what_twilio_puts_before_it(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("reset_after_accepting")
    text_in(texting)
    run_jobs(texting)
    twilio.messages(to=TEXTER, created_by="api")[
        0
    ].body = "Sent from your Twilio trial account - We are open from 9 to 17."
    look(texting)
    assert outbound(texting)[0].send_state == "accepted"


def test_a_text_that_an_answer_in_doubt_did_not_know_of_stays_behind_it_in_the_chat(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    """Else the assistant would take it for answered."""

    def think(request: Any) -> str:
        if len(host.assistants.requests) <= 3:
            text_in(texting, f"more {len(host.assistants.requests)}")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    twilio.add_fault("reset_after_accepting")
    text_in(texting, "first")
    run_jobs(texting)
    assert outbound(texting)[0].send_state == "in_doubt"
    look(texting)
    run_jobs(texting)
    written = [content for _, content in host.chats.transcript()]
    assert written == ["first", "more 1", "more 2", "answer 3", "more 3", "answer 4"]


def test_what_twilio_does_not_have_after_two_looks_is_sent_again_once(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(texting)
    run_jobs(texting)
    look(texting)
    assert (created(twilio), outbound(texting)[0].looks) == ([], 1)
    look(texting)
    assert len(created(twilio)) == 1
    assert outbound(texting)[0].send_state == "accepted"


def test_the_two_looks_are_apart(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(texting)
    run_jobs(texting)
    look(texting)
    for _ in range(3):
        with texting.app_context():
            run_once(current_runtime())
    assert outbound(texting)[0].looks == 1


def test_a_second_doubt_waits_for_an_admin(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting", count=2)
    text_in(texting)
    run_jobs(texting)
    for _ in range(4):
        look(texting)
    assert outbound(texting)[0].send_state == "unsettled"
    assert created(twilio) == []


def test_a_stale_answer_in_doubt_waits_for_an_admin(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.direction == "inbound", created_at=db_now(-1801.0))
    for _ in range(2):
        look(texting)
    assert outbound(texting)[0].send_state == "unsettled"


def test_an_admin_can_resend_or_dismiss(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.models import SendState
    from illumichat_sms_plugin.services.channels import load_channel

    text_in(texting)
    run_jobs(texting)
    row = outbound(texting)[0]
    with texting.app_context():
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        assert not resend(current_runtime(), channel, row.id, expected=SendState.UNSETTLED)
        write(
            texting,
            SmsMessage,
            SmsMessage.id == row.id,
            send_state="unsettled",
            message_sid=None,
            status=None,
        )
        assert resend(current_runtime(), channel, row.id, expected=SendState.UNSETTLED)
        assert len(created(twilio)) == 2
        write(texting, SmsMessage, SmsMessage.id == row.id, send_state="unsettled")
        assert dismiss(row.id, row.channel_id)
        assert not dismiss(row.id, row.channel_id)
    assert outbound(texting)[0].send_state == "dismissed"
    assert inbound(texting)[0].no_reply_reason == "send_failed"


def test_a_worker_killed_after_twilios_201_doubles_nothing(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    sid = outbound(texting)[0].message_sid
    abandon(texting)
    look(texting)
    row = outbound(texting)[0]
    assert (row.message_sid, row.send_state) == (sid, "accepted")
    assert len(created(twilio)) == 1


def test_a_worker_killed_before_the_request_loses_nothing(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    abandon(texting, body="never sent")
    for _ in range(2):
        look(texting)
    assert created(twilio) == ["We are open from 9 to 17.", "never sent"]


def test_a_living_worker_is_not_taken_for_a_dead_one(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    abandon(texting, check_at=db_now(30.0))
    with texting.app_context():
        run_once(current_runtime())
    assert outbound(texting)[0].send_state == "sending"


def test_later_answers_wait_until_the_doubt_is_settled(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(texting, "first")
    run_jobs(texting)
    text_in(texting, "second")
    run_jobs(texting)
    assert len(outbound(texting)) == 1
    for _ in range(2):
        look(texting)
    run_jobs(texting)
    assert [row.answer_id for row in inbound(texting)] == [row.id for row in outbound(texting)]
    sids = [message.sid for message in twilio.messages(to=TEXTER, created_by="api")]
    assert sids == [row.message_sid for row in outbound(texting)]


def test_who_opted_out_meanwhile_is_not_sent_the_doubtful_text_again(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsSession, SmsSession.id > 0, opted_out_at=db_now())
    for _ in range(3):
        look(texting)
    assert created(twilio) == []
    assert outbound(texting)[0].send_state == "unsettled"


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
    assert len(created(twilio)) == 1
    assert outbound(app)[0].send_state == "accepted"


def test_a_failed_answer_can_be_given_after_all(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.receive_message import replay

    twilio.add_fault("api_error", code=21606)
    text_in(texting)
    run_jobs(texting)
    (message,) = inbound(texting)
    assert message.no_reply_reason == "send_failed"
    with texting.app_context():
        assert replay(current_runtime(), message.id, message.channel_id)
    run_jobs(texting)
    assert len(created(twilio)) == 1


def test_while_the_token_cannot_be_read_texts_wait_and_nobody_is_asked(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting)
    sql(texting, "UPDATE sms_channels SET auth_token = 'gAAAA broken'")
    run_jobs(texting)
    assert (outbound(texting), host.assistants.requests) == ([], [])
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() == 20003
    connect(texting)
    with texting.app_context():
        current_runtime().queue.answer_session(sessions(texting)[0].id)
    run_jobs(texting)
    assert inbound(texting)[0].answer_id == outbound(texting)[0].id
    assert created(twilio) == ["We are open from 9 to 17."]


def test_who_opts_out_while_twilio_throttles_gets_no_text(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a word of the channel's own, of which Twilio knows nothing."""
    from tests.support.channels import change

    change(texting, opt_out_words=("basta",))
    twilio.add_fault("too_many_requests", count=1)
    monkeypatch.setattr(send_message.time, "sleep", lambda seconds: text_in(texting, "basta"))
    text_in(texting)
    run_jobs(texting)
    assert created(twilio) == []
    assert (outbound(texting)[0].send_state, outbound(texting)[0].error_code) == ("failed", 21610)


def test_a_token_that_is_saved_while_the_assistant_thinks_sends_its_answer(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    from demo.twilio_simulator import seed
    from tests.support.channels import change

    def answer(request: Any) -> str:
        twilio.add_fault("rotated_token", count=None)
        change(texting, auth_token=seed.SECONDARY_AUTH_TOKEN)
        return "We are open."

    host.assistants.reply = answer
    text_in(texting)
    run_jobs(texting)
    assert created(twilio) == ["We are open."]
