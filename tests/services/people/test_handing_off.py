"""The assistant hands a session to people, with a last word or without."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Answer
from tests.services.answering.answers import on_twilio
from tests.services.people.talk import BEN, CHAT, call
from tests.support.channels import inbound, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit


def test_the_assistant_hands_off_with_a_last_word_and_stops(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff="wants a person")
    text_in(answered, "A person please")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "I'll get someone."
    state = call(answered, "state", CHAT)
    assert (state.taken_over, state.by, state.why) == (True, None, "wants a person")
    text_in(answered, "Thanks")
    run_jobs(answered)
    assert len(host.assistants.requests) == 2
    call(answered, "take_over", CHAT, BEN)
    assert call(answered, "state", CHAT).by == "Ben"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("wants\x00 a\n person \ud83d", "wants a person \ufffd"),
        ("wants a person " * 10_000, ("wants a person " * 14)[:200]),
        ("\x00", "A person is to answer."),
    ],
    ids=["no Unicode", "150,000 characters", "nothing to read"],
)
def test_why_it_hands_off_may_be_anything(
    answered: Flask, twilio: Any, host: MemoryHost, written: str, kept: str
) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff=written)
    text_in(answered, "A person please")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "I'll get someone."
    assert call(answered, "state", CHAT).why == kept.strip()


@pytest.mark.parametrize("why", ["wants a person", "Wants a person."])
def test_the_page_quotes_why_in_its_sentence(
    answered: Flask, twilio: Any, host: MemoryHost, why: str
) -> None:
    host.assistants.reply = lambda request: Answer("I'll get someone.", handoff=why)
    text_in(answered, "A person please")
    run_jobs(answered)
    page = visit(answered).get("/sms/ast_support/sessions/1").text
    assert f"It handed off: “<bdi>{why.rstrip('.')}</bdi>”." in page


def test_the_assistant_hands_off_without_a_word(answered: Flask, twilio: Any, host: MemoryHost) -> None:
    host.assistants.reply = lambda request: Answer(None, handoff="wants a person")
    text_in(answered, "A person please")
    run_jobs(answered)
    assert len(on_twilio(twilio)) == 1
    assert inbound(answered)[-1].no_reply_reason == "taken_over"
    assert call(answered, "state", CHAT).taken_over


def test_a_host_that_only_falls_silent_is_asked_about_every_text(
    answered: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: None
    text_in(answered, "Hello?")
    run_jobs(answered)
    assert call(answered, "state", CHAT).taken_over
    host.assistants.reply = lambda request: "Here I am."
    text_in(answered, "Hello again?")
    run_jobs(answered)
    assert on_twilio(twilio)[-1] == "Here I am."
    assert not call(answered, "state", CHAT).taken_over
