"""Who asks in plain words for no more texts is told once that they end; who may have asked is told how to."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.default_words import DEFAULT_CLARIFICATION, DEFAULT_CONFIRMATION
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.database import read_now, transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.inbound.receive_message import receive_message, replay
from illumichat_sms_plugin.services.reconcile.settle_doubt import resend
from illumichat_sms_plugin.services.texters.consent import record_consent
from illumichat_sms_plugin.twilio_gateway.values import SentText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, inbound, keep_house, outbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER, new_sid, text_in

WISH = "Please stop texting me"
UNCLEAR = "stop the reminders"


def say(app: Flask, *bodies: str) -> None:
    """Text in, and let the workers do all that follows, one text after the other."""
    for body in bodies:
        text_in(app, body)
        run_jobs(app)


def test_a_plain_wish_is_honoured_and_confirmed_once(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    say(texting, WISH)
    say(texting, "hello?", "Stop texting me!")
    keep_house(texting)
    run_jobs(texting)

    assert on_twilio(twilio) == [DEFAULT_CONFIRMATION]
    (confirmation,) = outbound(texting)
    assert (confirmation.kind, confirmation.send_state) == ("confirm", "accepted")
    assert [row.no_reply_reason for row in inbound(texting)] == ["plain_wish", "opted_out", "plain_wish"]
    assert host.assistants.requests == []
    assert host.chats.transcript()[:2] == [("note", WISH), ("note", DEFAULT_CONFIRMATION)]


def test_the_words_of_the_confirmation_are_the_channels(texting: Flask, twilio: Any) -> None:
    change(texting, confirmation="Acme: no more texts.")
    say(texting, WISH)
    assert on_twilio(twilio) == ["Acme: no more texts."]


@pytest.mark.parametrize(
    ("body", "fields"), [("STOP", {}), ("stop", {}), ("OptOut", {}), ("ALTO", {"OptOutType": "STOP"})]
)
def test_there_is_none_after_what_twilio_confirms_itself(
    texting: Flask, twilio: Any, body: str, fields: dict[str, str]
) -> None:
    text_in(texting, body, **fields)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert [row.no_reply_reason for row in inbound(texting)] == ["keyword"]
    assert sessions(texting)[0].opted_out_at is not None


def test_a_stop_before_it_went_out_leaves_it_to_twilio(texting: Flask, twilio: Any) -> None:
    text_in(texting, WISH)
    text_in(texting, "STOP")
    run_jobs(texting)
    assert on_twilio(twilio) == []


def test_a_start_before_it_went_out_needs_none(texting: Flask, twilio: Any) -> None:
    text_in(texting, WISH)
    text_in(texting, "START")
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert sessions(texting)[0].opted_out_at is None


def test_it_goes_out_within_five_minutes_or_never(texting: Flask, twilio: Any) -> None:
    text_in(texting, WISH)
    write(texting, SmsSession, SmsSession.id > 0, confirm_until=db_now(-1.0))
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert sessions(texting)[0].opted_out_at is not None


def test_a_wish_that_was_found_late_is_honoured_and_not_confirmed(texting: Flask, twilio: Any) -> None:
    text = InboundText(new_sid(), parse_sender(TEXTER), NUMBER, WISH, 1, (), None)
    with texting.app_context():
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        receive_message(current_runtime(), channel, text, sent_at=read_now() - timedelta(minutes=6))
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert sessions(texting)[0].opted_out_at is not None


def test_a_second_opt_out_is_confirmed_again(texting: Flask, twilio: Any) -> None:
    say(texting, WISH, "START", WISH)
    assert on_twilio(twilio) == [DEFAULT_CONFIRMATION, DEFAULT_CONFIRMATION]


def test_while_sms_is_off_nothing_goes_out(texting: Flask, twilio: Any) -> None:
    change(texting, enabled=False)
    say(texting, WISH)
    assert on_twilio(twilio) == []


def test_a_lost_confirmation_is_given_up_and_never_sent_again(impatient: Flask, twilio: Any) -> None:
    twilio.add_fault("error_before_accepting", count=None)
    text_in(impatient, WISH)
    run_jobs(impatient)
    (confirmation,) = outbound(impatient)
    with impatient.app_context():
        channel = load_channel(current_runtime(), "ast_support")
        assert channel is not None
        assert not resend(current_runtime(), channel, confirmation.id, expected=confirmation.send_state)
    (confirmation,) = outbound(impatient)
    assert confirmation.send_state == "failed"


def test_an_unclear_wish_is_clarified_and_the_assistant_not_asked(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    say(texting, UNCLEAR)
    assert on_twilio(twilio) == [DEFAULT_CLARIFICATION]
    assert host.assistants.requests == []
    (text,) = inbound(texting)
    assert (text.no_reply_reason, text.answer_id) == ("unclear_wish", outbound(texting)[0].id)
    assert (text.wish_rule, text.wish_words) == ("en: stop what is sent", "stop the reminders")
    assert sessions(texting)[0].opted_out_at is None


def test_the_next_text_goes_on_and_the_assistant_knows_what_was_said(
    texting: Flask, host: MemoryHost
) -> None:
    say(texting, UNCLEAR, "No, I mean my alarm clock")
    (request,) = host.assistants.requests
    assert host.chats.transcript() == [
        ("user", UNCLEAR),
        ("assistant", DEFAULT_CLARIFICATION),
        ("user", "No, I mean my alarm clock"),
        ("assistant", "We are open from 9 to 17."),
    ]
    assert request.channel == "sms"


@pytest.mark.parametrize(
    ("second", "texts"),
    [("STOP", []), ("stop alerts", [DEFAULT_CONFIRMATION]), (WISH, [DEFAULT_CONFIRMATION])],
)
def test_the_next_text_ends_it_when_it_says_so_again(
    texting: Flask, twilio: Any, second: str, texts: list[str]
) -> None:
    say(texting, UNCLEAR, second)
    assert on_twilio(twilio) == [DEFAULT_CLARIFICATION, *texts]
    assert sessions(texting)[0].opted_out_at is not None


def test_only_the_next_text_decides(texting: Flask, twilio: Any) -> None:
    say(texting, UNCLEAR, "go on", UNCLEAR)
    assert on_twilio(twilio).count(DEFAULT_CLARIFICATION) == 2
    assert sessions(texting)[0].opted_out_at is None


def test_what_was_asked_beside_it_is_answered(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, UNCLEAR)
    text_in(texting, "What are your opening hours?")
    run_jobs(texting)
    assert on_twilio(twilio) == [DEFAULT_CLARIFICATION, "We are open from 9 to 17."]


def test_an_admin_may_have_it_answered_after_all(texting: Flask, twilio: Any) -> None:
    say(texting, UNCLEAR)
    with texting.app_context():
        row = inbound(texting)[0]
        assert replay(current_runtime(), row.id, row.channel_id)
    run_jobs(texting)
    assert on_twilio(twilio) == [DEFAULT_CLARIFICATION, "We are open from 9 to 17."]


TRIALS = 300
INTERFERE = ("nobody", "a second job", "Twilio's STOP", "START", "another wish", "an admin")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_there_is_one_confirmation_at_most_under_any_race(
    make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three hundred texters; two workers and whoever interferes are at each of them at the same moment."""
    from tests.support.channels import connect

    app, sent, lock = make(), [], threading.Lock()
    connect(app)

    def send_text(_client: Any, *, to_number: str, **_fields: Any) -> SentText:
        with lock:
            sent.append(to_number)
        return SentText(new_sid(), "queued", 1)

    monkeypatch.setattr(send_message, "send_text", send_text)
    rng = random.Random(1)
    with app.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None

    def text(number: str, body: str) -> None:
        with app.app_context():
            receive_message(
                current_runtime(),
                channel,
                InboundText(new_sid(), parse_sender(number), NUMBER, body, 1, (), None),
            )

    def work(session_id: int) -> None:
        with app.app_context():
            answer_session(current_runtime(), session_id)

    def interfere(who: str, number: str, session_id: int) -> None:
        if who == "a second job":
            work(session_id)
        elif who == "an admin":
            with app.app_context(), transaction() as connection:
                record_consent(connection, session_id, "opt_in", source="admin", detail="usr_owner")
        elif who != "nobody":
            text(number, {"Twilio's STOP": "STOP", "START": "START", "another wish": WISH}[who])

    numbers = [f"+1555{2_000_000 + n}" for n in range(TRIALS)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: text(number, WISH), numbers))
        session_of = {row.phone_number: row.id for row in sessions(app)}
        who = {number: rng.choice(INTERFERE) for number in numbers}
        for number in numbers:
            tasks = [pool.submit(work, session_of[number]), pool.submit(work, session_of[number])]
            tasks.insert(rng.randrange(3), pool.submit(interfere, who[number], number, session_of[number]))
            for task in tasks:
                task.result()

    assert max(map(sent.count, set(sent))) == 1
    sure = {number for number in numbers if who[number] in ("nobody", "a second job", "another wish")}
    assert sure <= set(sent)
    stops = {row.session_id: row.id for row in inbound(app) if row.body == "STOP"}
    after_twilios = [row for row in outbound(app) if row.id > stops.get(row.session_id, row.id)]
    assert after_twilios == []
