"""Whom a channel answers: not the blocked, and where it says so only some numbers or only contacts."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions.session_actions import block
from illumichat_sms_plugin.services.sessions.session_list import Show, list_sessions
from illumichat_sms_plugin.services.sessions.session_view import Viewer
from tests.services.answering.answers import on_twilio
from tests.support.channels import OWNER, change, inbound, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def ask(app: Flask, body: str = "When do you open?", **fields: Any) -> str | None:
    """Why the text got no answer, or None."""
    text_in(app, body, **fields)
    run_jobs(app)
    reason: str | None = inbound(app)[-1].no_reply_reason
    return reason


def test_a_blocked_number_gets_nothing_until_it_is_unblocked(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert ask(texting) is None
    (session,) = sessions(texting)
    with texting.app_context():
        assert block(session.channel_id, session.id, by=OWNER)
        assert not block(session.channel_id, session.id, by=OWNER)
    assert ask(texting, "Hello?") == "blocked"
    assert len(host.assistants.requests) == 1
    with texting.app_context():
        viewer = Viewer("ws_acme", full=True)
        found = list_sessions(current_runtime(), session.channel_id, viewer, limit=5, show=Show.BLOCKED)
        assert [shown.state for shown in found.sessions] == ["blocked"]
        assert block(session.channel_id, session.id, by=OWNER, blocked=False)
    assert ask(texting, "And on Sunday?") is None
    assert len(on_twilio(twilio)) == 2


def test_blocking_is_no_opt_out_and_a_wish_of_the_blocked_counts(texting: Flask, twilio: Any) -> None:
    ask(texting)
    (session,) = sessions(texting)
    with texting.app_context():
        block(session.channel_id, session.id, by=OWNER)
    assert sessions(texting)[0].opted_out_at is None
    assert ask(texting, "stop texting me") == "plain_wish"
    assert sessions(texting)[0].opted_out_at is not None
    assert len(on_twilio(twilio)) == 1, "a blocked number gets no confirmation either"


def test_only_the_numbers_that_are_named(texting: Flask, twilio: Any) -> None:
    change(texting, only_numbers=("+1 (555) 765-4321",))
    assert ask(texting) is None
    assert ask(texting, From="+15557650002") == "not_allowed"
    assert on_twilio(twilio, "+15557650002") == []
