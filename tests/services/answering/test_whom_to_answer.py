"""Whom a channel answers: not the blocked, and where it says so only some numbers or only contacts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, SmsSession
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions.session_actions import block
from illumichat_sms_plugin.services.sessions.session_list import Show, list_sessions
from illumichat_sms_plugin.services.sessions.session_view import Viewer
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from tests.services.answering.answers import on_twilio
from tests.support.channels import OWNER, change, inbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TEXTER, text_in
from tests.support.visitors import form_of, visit


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
    change(texting, answer_to="listed", only_numbers=("+1 (555) 765-4321",))
    assert ask(texting) is None
    assert ask(texting, From="+15557650002") == "not_allowed"
    assert on_twilio(twilio, "+15557650002") == []


def test_a_list_counts_only_while_it_is_chosen(texting: Flask, twilio: Any) -> None:
    change(texting, answer_to="everybody", only_numbers=("+1 (555) 765-4399",))
    assert ask(texting) is None
    change(texting, answer_to="trial")
    assert ask(texting, "Hello?") == "not_allowed"


@pytest.mark.parametrize("chosen", ["listed", "trial"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_numbers_that_nobody_has_named_are_not_chosen(connected: Flask, chosen: str) -> None:
    client = visit(connected)
    refused = client.post("/sms/ast_support/settings", data=form_of(connected, answer_to=chosen))
    assert refused.status_code == 422
    assert "Enter at least one number" in refused.text
    api = "/api/sms/config/ast_support"
    answer = client.patch(api, json={"answerTo": chosen})
    assert answer.status_code == 400
    assert "onlyNumbers" in answer.text
    assert client.patch(api, json={"answerTo": chosen, "onlyNumbers": [TEXTER]}).status_code == 200
    assert client.patch(api, json={"onlyNumbers": []}).status_code == 400
    assert client.patch(api, json={"answerTo": "everybody", "onlyNumbers": []}).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_channel_that_is_stored_without_numbers_can_still_be_changed(connected: Flask) -> None:
    write(connected, SmsChannel, SmsChannel.id > 0, answer_to="listed")
    form = form_of(connected, wait_seconds="7")
    assert visit(connected).post("/sms/ast_support/settings", data=form).status_code == 303
    with connected.app_context():
        options = read_settings(current_runtime(), "ast_support").options
    assert (options.answer_to, options.only_numbers, options.wait_seconds) == ("listed", (), 7)


def test_known_contacts_only(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    change(texting, answer_to="contacts", auto_create_contacts=True)
    assert ask(texting) == "not_allowed"
    assert not host.assistants.requests, "the model is not asked for a stranger"
    assert not host.contacts.contacts, "a stranger is not made a contact by texting"
    assert sessions(texting)[0].person_since is None
    contact = host.contacts.create("ws_acme", number=TEXTER, source="typed", key="k")
    assert ask(texting, "Hello, it is me") is None
    assert sessions(texting)[0].contact_id == contact.id
    host.contacts.contacts.clear()
    assert ask(texting, "Still there?") == "not_allowed", "who is no contact any more"
    assert len(on_twilio(twilio)) == 1


def test_a_stranger_is_not_asked_what_was_meant(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    change(texting, answer_to="contacts")
    assert ask(texting, "stop the reminders") == "not_allowed"
    assert not on_twilio(twilio)
    assert not host.assistants.requests


def test_a_host_that_cannot_say_who_it_is_lets_nobody_be_answered(
    texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no database")

    change(texting, answer_to="contacts")
    monkeypatch.setattr(host.contacts, "find_by_number", broken)
    for _ in range(5):
        ask(texting, "Hello?")
        write(texting, SmsSession, SmsSession.id > 0, retry_at=None)
    assert inbound(texting)[0].no_reply_reason == "assistant_failed"
    assert not on_twilio(twilio), "not even an apology"


def test_the_page_offers_to_begin_with_ones_own_phone(app: Flask, twilio: Any) -> None:
    form = form_of(app, account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, phone_number=NUMBER)
    assert form["trial_number"] == ""
    client = visit(app)
    wrong = client.post("/sms/ast_support/settings", data=form | {"trial_number": "12"})
    assert wrong.status_code == 422
    assert "Test with your own phone first" in wrong.text
    assert (
        client.post("/sms/ast_support/settings", data=form | {"trial_number": "+1 555 765 4321"}).status_code
        == 303
    )
    with app.app_context():
        options = read_settings(current_runtime(), "ast_support").options
    assert (options.answer_to, options.only_numbers) == ("trial", ("+15557654321",))
    assert "trial_number" not in form_of(app)
