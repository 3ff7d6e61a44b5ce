"""A turn goes to whoever waits and has something to do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from tests.support.channels import run_jobs, sessions
from tests.support.twilio_requests import TEXTER, text_in

OTHERS = [f"+1555765000{number}" for number in range(5)]


def test_nobody_waits_behind_sessions_with_nothing_to_do(texting: Flask, twilio: Any) -> None:
    """Such as those that workers of version 0.1 have answered meanwhile: these do not take turns."""
    for sender in OTHERS:
        text_in(texting, From=sender)
    run_jobs(texting)
    with texting.app_context():
        queue = current_runtime().queue
        for session in sessions(texting):
            queue.answer_session(session.id, session.channel_id)
        queue.rq_queue(timeout=5).empty()
    text_in(texting)
    assert run_jobs(texting) == 1
    assert len(twilio.messages(to=TEXTER, created_by="api")) == 1


def test_a_job_of_version_0_1_answers_the_session_it_names(texting: Flask, twilio: Any) -> None:
    """It was enqueued before the upgrade, with an id of RQ's own."""
    from illumichat_sms_plugin.job_queue.queue import ANSWER_JOB

    text_in(texting)
    with texting.app_context():
        current_runtime().queue.connection().flushall()
        old = current_runtime().queue.rq_queue(timeout=5)
        old.enqueue(ANSWER_JOB, sessions(texting)[0].id, result_ttl=0)
    run_jobs(texting)
    assert len(twilio.messages(to=TEXTER, created_by="api")) == 1


@pytest.mark.parametrize("texts", [1, 4])
def test_texts_of_one_sender_are_one_job_until_it_begins(texting: Flask, texts: int) -> None:
    for _ in range(texts):
        text_in(texting)
    assert run_jobs(texting) == 1
