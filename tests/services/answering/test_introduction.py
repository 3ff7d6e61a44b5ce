"""The first answer to a number says once what it is, when the channel wants that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.answering_options import MAX_MESSAGE_LENGTH
from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.services.answering.introduction import introduce, introduction_of
from illumichat_sms_plugin.text.segments import utf16_units
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, outbound, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

USUAL = "AI assistant of Acme. Reply STOP to opt out."
ANSWER = "We are open from 9 to 17."


def say(app: Flask, *bodies: str) -> None:
    for body in bodies:
        text_in(app, body)
        run_jobs(app)


def test_a_new_channel_introduces_itself_once_to_each_number(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert ChannelOptions().introduce
    change(texting, introduce=True)
    say(texting, "When do you open?", "And on Sundays?")
    assert on_twilio(twilio) == [f"{USUAL}\n{ANSWER}", ANSWER]
    assert sessions(texting)[0].introduced_at is not None
    assert host.chats.transcript()[1] == ("assistant", f"{USUAL}\n{ANSWER}")
    text_in(texting, "Hello", From="+15557654399")
    run_jobs(texting)
    assert on_twilio(twilio, "+15557654399") == [f"{USUAL}\n{ANSWER}"]


def test_it_is_off_without_the_switch(texting: Flask, twilio: Any) -> None:
    say(texting, "When do you open?")
    assert on_twilio(twilio) == [ANSWER]
    assert sessions(texting)[0].introduced_at is None


def test_a_refused_answer_has_not_introduced_anybody(texting: Flask, twilio: Any) -> None:
    change(texting, introduce=True, introduction="The robot of {workspace}.")
    twilio.add_fault("api_error", code=21614)
    say(texting, "When do you open?")
    assert outbound(texting)[0].send_state == "failed"
    assert sessions(texting)[0].introduced_at is None
    say(texting, "Hello?")
    assert on_twilio(twilio) == [f"The robot of Acme.\n{ANSWER}"]
    twilio.add_fault("api_error", code=21614)
    say(texting, "Are you there?", "Well?")
    assert on_twilio(twilio)[1:] == [ANSWER]


def test_a_host_that_cannot_name_the_workspace_now_is_asked_again(
    texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(texting, introduce=True)

    def broken(_id: str) -> None:
        raise RuntimeError("the host is away")

    with monkeypatch.context() as patch:
        patch.setattr(host.assistants, "find", broken)
        say(texting, "When do you open?")
        assert on_twilio(twilio) == []
    assert sessions(texting)[0].attempts == 1


@pytest.mark.parametrize(
    ("words", "workspace", "reads"),
    [
        (None, "Acme", USUAL),
        ("", "Acme", USUAL),
        ("Robot of {workspace}, {name}", "Acme", "Robot of Acme, {name}"),
        ("Robot", "Acme", "Robot"),
        (None, "A\x00cme\n\nEvil", "AI assistant of Acme\n\nEvil. Reply STOP to opt out."),
        (None, "x" * 500, f"AI assistant of {'x' * 57}.... Reply STOP to opt out."),
    ],
)
def test_how_it_reads(words: str | None, workspace: str, reads: str) -> None:
    assert introduction_of(words, workspace) == reads


@given(st.text(max_size=700), st.integers(50, MAX_MESSAGE_LENGTH), st.text(max_size=80), st.booleans())
def test_it_counts_towards_the_length_and_is_never_cut(
    answer: str, length: int, workspace: str, more: bool
) -> None:
    options = replace(ChannelOptions(), max_message_length=length, offer_more=more)
    introduction = introduction_of(None, workspace)
    said = introduce(introduction, answer, options)
    if not said.shown.strip():
        return
    assert said.shown.startswith(f"{introduction}\n")
    assert utf16_units(said.shown) <= max(length, utf16_units(introduction) + 1 + 50)
