"""What an answer lost at Max Message Length is kept, and goes out once when the texter asks for MORE."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.models import SmsMessage, SmsRest
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import last_hour
from illumichat_sms_plugin.services.analytics.cut_answers import CutAnswers, count_cut_answers
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.sessions.conversation import read_texts
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.text.reply_text import next_part
from illumichat_sms_plugin.twilio_gateway.values import SentText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, connect, inbound, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, new_sid, text_in

LONG = " ".join(f"Sentence {number} is about the hours of day {number}." for number in range(1, 9))


@pytest.fixture
def cut(texting: Flask, host: MemoryHost) -> Flask:
    """An answer of 8 sentences was cut at 120 characters."""
    change(texting, max_message_length=120)
    host.assistants.reply = lambda request: LONG
    text_in(texting, "When are you open?")
    run_jobs(texting)
    return texting


def more(app: Flask, word: str = "MORE") -> None:
    text_in(app, word)
    run_jobs(app)


def rests(app: Flask) -> list[Any]:
    with app.app_context(), transaction() as connection:
        return list(connection.execute(select(SmsRest.__table__).order_by(SmsRest.message_id)).all())


def test_a_cut_answer_ends_with_a_hint_within_the_limit_and_its_rest_is_kept(
    cut: Flask, twilio: Any, host: MemoryHost
) -> None:
    (said,) = on_twilio(twilio)
    assert said.endswith("\nReply MORE for the rest.")
    assert len(said) <= 120
    (rest,) = rests(cut)
    assert said.removesuffix("\nReply MORE for the rest.") + " " + rest.body == LONG
    assert host.chats.transcript()[-2:] == [("assistant", said), ("note", host.chats.transcript()[-1][1])]
    assert rest.body in host.chats.transcript()[-1][1]


def test_more_brings_the_rest_part_by_part_and_the_assistant_is_asked_once(
    cut: Flask, twilio: Any, host: MemoryHost
) -> None:
    for _ in range(10):
        if on_twilio(twilio)[-1].endswith("day 8."):
            break
        more(cut)
    parts = [part.removesuffix("\nReply MORE for the rest.") for part in on_twilio(twilio)]
    assert " ".join(parts) == LONG
    assert len(host.assistants.requests) == 1
    assert {row.kind for row in outbound(cut)} == {"answer", "more"}
    assert all(row.answer_id for row in inbound(cut))
    assert [content for role, content in host.chats.transcript() if role == "assistant"] == on_twilio(twilio)


@pytest.mark.parametrize("word", ["more", "More please!", "MÁS", "mehr", "suite", "もっと", "ещё"])
def test_the_word_of_the_texters_language_will_do(
    cut: Flask, twilio: Any, host: MemoryHost, word: str
) -> None:
    more(cut, word)
    assert len(on_twilio(twilio)) == 2
    assert len(host.assistants.requests) == 1


@pytest.mark.parametrize("text", ["more info about Sunday", "one more question", "I want more time"])
def test_other_texts_with_the_word_go_to_the_assistant(cut: Flask, host: MemoryHost, text: str) -> None:
    more(cut, text)
    assert len(host.assistants.requests) == 2


def test_when_nothing_is_left_more_is_a_text_like_others(texting: Flask, host: MemoryHost) -> None:
    more(texting)
    assert len(host.assistants.requests) == 1


def test_after_a_day_it_is_too_late(cut: Flask, host: MemoryHost) -> None:
    sql(cut, "UPDATE sms_rests SET created_at = '2020-01-01 00:00:00+00:00'")
    more(cut)
    assert len(host.assistants.requests) == 2


def test_without_offer_more_there_is_no_hint_and_more_works_all_the_same(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    change(texting, max_message_length=120, offer_more=False)
    host.assistants.reply = lambda request: LONG
    text_in(texting)
    run_jobs(texting)
    more(texting)
    assert not any("MORE" in said for said in on_twilio(twilio))
    assert len(host.assistants.requests) == 1


def test_an_impatient_texter_gets_one_part_for_two_words(cut: Flask, twilio: Any) -> None:
    text_in(cut, "MORE")
    more(cut, "more")
    assert len(on_twilio(twilio)) == 2
    assert len({row.answer_id for row in inbound(cut)[1:]}) == 1


def test_a_question_beside_it_is_answered_too(cut: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(cut, "MORE")
    text_in(cut, "And where are you?")
    host.assistants.reply = lambda request: "In Springfield."
    run_jobs(cut)
    run_jobs(cut)
    assert on_twilio(twilio)[-1] == "In Springfield."
    assert len(on_twilio(twilio)) == 3


def test_who_opted_out_gets_no_rest(cut: Flask, twilio: Any) -> None:
    text_in(cut, "STOP")
    more(cut)
    assert len(on_twilio(twilio)) == 1
    assert inbound(cut)[-1].no_reply_reason == "opted_out"


def test_a_rest_that_twilio_refused_can_be_asked_for_again(cut: Flask, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606)
    more(cut)
    assert outbound(cut)[-1].send_state == "failed"
    assert rests(cut)[0].sent_as is None
    twilio.clear_faults()
    more(cut)
    assert outbound(cut)[-1].kind == "more"
    assert outbound(cut)[-1].send_state == "accepted"


def test_the_rest_of_what_nobody_got_is_not_offered(cut: Flask, host: MemoryHost) -> None:
    write(cut, SmsMessage, SmsMessage.kind == "answer", send_state="failed", error_code=30003)
    more(cut)
    assert len(host.assistants.requests) == 2


def test_a_rest_is_erased_with_its_texter(cut: Flask) -> None:
    (session,) = sessions(cut)
    more(cut)
    with cut.app_context():
        erase_texter(current_runtime(), session.channel_id, session.id)
    assert rests(cut) == []


def test_cut_answers_are_counted_with_those_whose_rest_was_asked_for(cut: Flask) -> None:
    (session,) = sessions(cut)
    since = session.created_at - timedelta(minutes=1)
    with cut.app_context():
        assert count_cut_answers(session.channel_id, since) == CutAnswers(1, 0)
    more(cut)
    with cut.app_context():
        assert count_cut_answers(session.channel_id, since) == CutAnswers(2, 1)
        assert count_cut_answers(session.channel_id, since + timedelta(days=1)) == CutAnswers(0, 0)
        with transaction() as connection:
            assert last_hour.count_cut_answers(connection) == {"sent": 1, "kept": 1}
        shown = read_texts(session.id, limit=10).texts
    assert [(text.kind, text.rest_sent) for text in shown if text.rest][-1] == ("answer", True)


TRIALS = 250
INTERFERE = ("nobody", "another MORE", "a question", "STOP", "a third worker")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_each_part_goes_out_once_under_any_race(
    make: Callable[..., Flask], host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of texters ask for the rest; two workers and whoever interferes are at each of them at the same moment."""
    app, sent, lock = make(), [], threading.Lock()
    connect(app)
    change(app, max_message_length=120)
    host.assistants.reply = lambda request: LONG

    def send_text(_client: Any, *, to_number: str, body: str, **_fields: Any) -> SentText:
        with lock:
            sent.append((to_number, body))
        return SentText(new_sid(), "queued", 1)

    monkeypatch.setattr(send_message, "send_text", send_text)
    rng = random.Random(1)
    with app.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None

    def text(number: str, body: str) -> None:
        with app.app_context():
            form = InboundText(new_sid(), parse_sender(number), NUMBER, body, 1, (), None)
            receive_message(current_runtime(), channel, form)

    def work(session_id: int) -> None:
        with app.app_context():
            answer_session(current_runtime(), session_id)

    def interfere(who: str, number: str, session_id: int) -> None:
        if who == "a third worker":
            work(session_id)
        elif who != "nobody":
            words = {"another MORE": "more", "a question": "And on Sunday?", "STOP": "STOP"}
            text(number, words[who])

    numbers = [f"+1555{2_000_000 + n}" for n in range(TRIALS)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: text(number, "When are you open?"), numbers))
        session_of = {row.phone_number: row.id for row in sessions(app)}
        list(pool.map(work, session_of.values()))
        assert len(sent) == len(rests(app)) == TRIALS
        list(pool.map(lambda number: text(number, "MORE"), numbers))
        who = {number: rng.choice(INTERFERE) for number in numbers}
        for number in numbers:
            tasks = [pool.submit(work, session_of[number]), pool.submit(work, session_of[number])]
            tasks.insert(rng.randrange(3), pool.submit(interfere, who[number], number, session_of[number]))
            for task in tasks:
                task.result()

    first = next_part(LONG, 120, offer_more=True)
    second = next_part(first.rest, 120, offer_more=True).shown
    times = Counter(sent)
    assert max(count for (_, body), count in times.items() if body != first.shown) == 1
    sure = [number for number in numbers if who[number] in ("nobody", "another MORE", "a third worker")]
    assert all(times[number, second] == 1 for number in sure)
    assert len({rest.sent_as for rest in rests(app) if rest.sent_as}) == len(
        [rest for rest in rests(app) if rest.sent_as]
    )
