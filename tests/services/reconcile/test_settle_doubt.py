"""An answer of which nobody knows what became of it: looked up, sent again once, or left to a person."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.reconcile.settle_doubt import dismiss, resend
from tests.services.answering.answers import on_twilio
from tests.services.reconcile.doubt import IN_DOUBT, abandon, look
from tests.support.channels import inbound, outbound, run_jobs, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in


@pytest.mark.parametrize("fault", IN_DOUBT)
def test_what_twilio_has_is_found_there_and_not_sent_again(impatient: Flask, twilio: Any, fault: str) -> None:
    twilio.add_fault(fault)
    text_in(impatient)
    run_jobs(impatient)
    assert outbound(impatient)[0].send_state == "in_doubt"
    look(impatient)
    row = outbound(impatient)[0]
    assert row.send_state == "accepted"
    assert row.message_sid == twilio.messages(to=TEXTER, created_by="api")[0].sid
    assert len(on_twilio(twilio)) == 1


def test_a_trial_accounts_text_is_found_with_what_twilio_puts_before_it(
    impatient: Flask, twilio: Any
) -> None:
    twilio.add_fault("reset_after_accepting")
    text_in(impatient)
    run_jobs(impatient)
    twilio.messages(to=TEXTER, created_by="api")[
        0
    ].body = "Sent from your Twilio trial account - We are open from 9 to 17."
    look(impatient)
    assert outbound(impatient)[0].send_state == "accepted"


def test_a_text_that_an_answer_in_doubt_did_not_know_of_stays_behind_it_in_the_chat(
    impatient: Flask, twilio: Any, host: MemoryHost
) -> None:
    """Else the assistant would take it for answered."""

    def think(request: Any) -> str:
        if len(host.assistants.requests) <= 3:
            text_in(impatient, f"more {len(host.assistants.requests)}")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    twilio.add_fault("reset_after_accepting")
    text_in(impatient, "first")
    run_jobs(impatient)
    assert outbound(impatient)[0].send_state == "in_doubt"
    look(impatient)
    run_jobs(impatient)
    written = [content for _, content in host.chats.transcript()]
    assert written == ["first", "more 1", "more 2", "answer 3", "more 3", "answer 4"]


def test_what_twilio_does_not_have_after_two_looks_is_sent_again(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(impatient)
    run_jobs(impatient)
    look(impatient)
    assert (on_twilio(twilio), outbound(impatient)[0].looks) == ([], 1)
    look(impatient)
    assert len(on_twilio(twilio)) == 1
    assert outbound(impatient)[0].send_state == "accepted"


def test_the_two_looks_are_apart(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(impatient)
    run_jobs(impatient)
    look(impatient)
    for _ in range(3):
        with impatient.app_context():
            run_once(current_runtime())
    assert outbound(impatient)[0].looks == 1


@pytest.mark.parametrize(("failures", "state", "sent"), [(3, "accepted", 1), (4, "unsettled", 0)])
def test_absence_is_proven_anew_before_each_of_three_further_tries(
    impatient: Flask, twilio: Any, failures: int, state: str, sent: int
) -> None:
    twilio.add_fault("error_before_accepting", count=failures)
    text_in(impatient)
    run_jobs(impatient)
    for tries in range(1, 4):
        look(impatient)
        assert (outbound(impatient)[0].looks, outbound(impatient)[0].resends) == (1, tries - 1)
        look(impatient)
        assert outbound(impatient)[0].resends == tries
    for _ in range(2):
        look(impatient)
    assert outbound(impatient)[0].send_state == state
    assert len(on_twilio(twilio)) == sent


def test_what_turns_up_after_a_further_try_is_taken_over(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting", count=2)
    text_in(impatient)
    run_jobs(impatient)
    for _ in range(2):
        look(impatient)
    twilio.add_fault("error_after_accepting")
    for _ in range(3):
        look(impatient)
    assert outbound(impatient)[0].send_state == "accepted"
    assert len(on_twilio(twilio)) == 1


def test_a_stale_answer_in_doubt_waits_for_an_admin(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(impatient)
    run_jobs(impatient)
    write(impatient, SmsMessage, SmsMessage.direction == "inbound", created_at=db_now(-1801.0))
    for _ in range(2):
        look(impatient)
    assert outbound(impatient)[0].send_state == "unsettled"


def test_an_admin_can_resend_or_dismiss(impatient: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.models import SendState
    from illumichat_sms_plugin.services.channels import load_channel

    text_in(impatient)
    run_jobs(impatient)
    row = outbound(impatient)[0]
    with impatient.app_context():
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        assert not resend(current_runtime(), channel, row.id, expected=SendState.UNSETTLED)
        write(
            impatient,
            SmsMessage,
            SmsMessage.id == row.id,
            send_state="unsettled",
            message_sid=None,
            status=None,
        )
        assert resend(current_runtime(), channel, row.id, expected=SendState.UNSETTLED)
        assert len(on_twilio(twilio)) == 2
        write(impatient, SmsMessage, SmsMessage.id == row.id, send_state="unsettled")
        assert dismiss(row.id, row.channel_id)
        assert not dismiss(row.id, row.channel_id)
    assert outbound(impatient)[0].send_state == "dismissed"
    assert inbound(impatient)[0].no_reply_reason == "send_failed"


def test_a_worker_killed_after_twilios_201_doubles_nothing(impatient: Flask, twilio: Any) -> None:
    text_in(impatient)
    run_jobs(impatient)
    sid = outbound(impatient)[0].message_sid
    abandon(impatient)
    look(impatient)
    row = outbound(impatient)[0]
    assert (row.message_sid, row.send_state) == (sid, "accepted")
    assert len(on_twilio(twilio)) == 1


def test_a_worker_killed_before_the_request_loses_nothing(impatient: Flask, twilio: Any) -> None:
    text_in(impatient)
    run_jobs(impatient)
    abandon(impatient, body="never sent")
    for _ in range(2):
        look(impatient)
    assert on_twilio(twilio) == ["We are open from 9 to 17.", "never sent"]


def test_a_living_worker_is_not_taken_for_a_dead_one(impatient: Flask, twilio: Any) -> None:
    text_in(impatient)
    run_jobs(impatient)
    abandon(impatient, check_at=db_now(30.0))
    with impatient.app_context():
        run_once(current_runtime())
    assert outbound(impatient)[0].send_state == "sending"


def test_later_answers_wait_until_the_doubt_is_settled(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(impatient, "first")
    run_jobs(impatient)
    text_in(impatient, "second")
    run_jobs(impatient)
    assert len(outbound(impatient)) == 1
    for _ in range(2):
        look(impatient)
    run_jobs(impatient)
    assert [row.answer_id for row in inbound(impatient)] == [row.id for row in outbound(impatient)]
    sids = [message.sid for message in twilio.messages(to=TEXTER, created_by="api")]
    assert sids == [row.message_sid for row in outbound(impatient)]


def test_who_opted_out_meanwhile_is_not_sent_the_doubtful_text_again(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting")
    text_in(impatient)
    run_jobs(impatient)
    write(impatient, SmsSession, SmsSession.id > 0, opted_out_at=db_now())
    for _ in range(3):
        look(impatient)
    assert on_twilio(twilio) == []
    assert outbound(impatient)[0].send_state == "unsettled"
