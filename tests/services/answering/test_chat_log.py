"""The host's chat has what was texted, in order, once."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.host import AnswerRequest
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.services.answering.answers import due_now, on_twilio
from tests.support.channels import run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in


def test_the_chats_title_does_not_give_the_number_away(texting: Flask, host: MemoryHost) -> None:
    """Members may read chats; full numbers are for admins."""
    text_in(texting)
    run_jobs(texting)
    (title,) = host.chats.titles.values()
    assert title.startswith("SMS +1555")
    assert TEXTER not in title


def test_keywords_reach_people_as_a_note_and_never_the_assistant(texting: Flask, host: MemoryHost) -> None:
    text_in(texting, "STOP")
    run_jobs(texting)
    assert host.assistants.requests == []
    assert host.chats.transcript() == [("note", "STOP")]


def test_nothing_is_answered_twice_when_the_job_dies_before_it_files_the_answer(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    """The chat gets the answer from the next job; the texter does not get it again."""
    text_in(texting)

    def think(request: AnswerRequest) -> str:
        host.chats.fail = RuntimeError("killed")
        return "the answer"

    host.assistants.reply = think
    run_jobs(texting)
    assert on_twilio(twilio) == ["the answer"]
    host.chats.fail = None
    due_now(texting)
    with texting.app_context():
        run_once(current_runtime())
    run_jobs(texting)
    assert on_twilio(twilio) == ["the answer"]
    assert ("assistant", "the answer") in host.chats.transcript()


def test_a_chat_deleted_in_the_host_is_replaced(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "one")
    run_jobs(texting)
    del host.chats.chats["conv_1"]
    text_in(texting, "two")
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 2
    assert host.chats.transcript() == [("user", "two"), ("assistant", "We are open from 9 to 17.")]
    assert sessions(texting)[0].chat_id == "conv_2"
