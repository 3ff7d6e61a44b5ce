"""From a recorded text to an accepted answer: a real queue, a real worker, a simulated Twilio."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answer_session import answer_session
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.leases import take_session
from illumichat_sms_plugin.services.receive_message import replay
from tests.support.channels import change, inbound, messages, outbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER, text_in


def on_twilio(twilio: Any, to: str = TEXTER) -> list[str]:
    return [message.body for message in twilio.messages(to=to, created_by="api")]


def due_now(app: Flask) -> None:
    """Let waiting retries be due."""
    due = {"retry_at": db_now(-1.0), "swept_at": None, "last_message_at": db_now(-60.0)}
    write(app, SmsSession, SmsSession.id > 0, **due)


def test_a_text_is_answered_and_the_chat_has_both(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "What are your opening hours?")
    run_jobs(texting)

    assert on_twilio(twilio) == ["We are open from 9 to 17."]
    (answer,) = outbound(texting)
    assert (answer.send_state, answer.kind, answer.segments) == ("accepted", "answer", 1)
    assert re.fullmatch(r"SM[0-9a-f]{32}", answer.message_sid)
    assert inbound(texting)[0].answer_id == answer.id
    assert host.chats.transcript() == [
        ("user", "What are your opening hours?"),
        ("assistant", "We are open from 9 to 17."),
    ]


def test_the_chats_title_does_not_give_the_number_away(texting: Flask, host: MemoryHost) -> None:
    """Members may read chats; full numbers are for admins."""
    text_in(texting)
    run_jobs(texting)
    (title,) = host.chats.titles.values()
    assert title.startswith("SMS +1555")
    assert TEXTER not in title


def test_the_assistant_is_told_about_sms(texting: Flask, host: MemoryHost) -> None:
    change(texting, guidelines="Sign as Acme.", max_message_length=300)
    text_in(texting)
    run_jobs(texting)
    (request,) = host.assistants.requests
    assert request.channel == "sms"
    assert "Sign as Acme." in request.instructions
    assert "300" in request.instructions
    assert request.timeout == 60.0


def test_texts_sent_quickly_are_answered_together(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    for body in ("Hi", "it's me", "when do you open?"):
        text_in(texting, body)
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1
    (answer,) = outbound(texting)
    assert {row.answer_id for row in inbound(texting)} == {answer.id}
    assert [content for role, content in host.chats.transcript() if role == "user"] == [
        "Hi",
        "it's me",
        "when do you open?",
    ]


def test_a_text_that_comes_while_the_assistant_thinks_is_in_the_same_answer(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        if len(host.assistants.requests) == 1:
            text_in(texting, "and on Sunday?")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    text_in(texting, "When are you open?")
    run_jobs(texting)
    assert on_twilio(twilio) == ["answer 2"]
    assert len({row.answer_id for row in inbound(texting)}) == 1


def test_after_two_restarts_the_answer_goes_out_and_the_rest_is_answered_next(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        if len(host.assistants.requests) <= 3:
            text_in(texting, f"more {len(host.assistants.requests)}")
        return f"answer {len(host.assistants.requests)}"

    host.assistants.reply = think
    text_in(texting, "first")
    run_jobs(texting)
    assert on_twilio(twilio) == ["answer 3", "answer 4"]
    assert all(row.answer_id for row in inbound(texting))
    roles = [role for role, _ in host.chats.transcript()]
    assert roles == ["user", "user", "user", "assistant", "user", "assistant"], "what is open stays last"


def test_a_doubled_job_answers_once(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    with texting.app_context():
        for _ in range(3):
            current_runtime().queue.answer_session(sessions(texting)[0].id)
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1


def test_a_session_that_another_worker_has_is_left_alone(texting: Flask, host: MemoryHost) -> None:
    text_in(texting)
    with texting.app_context():
        session_id = sessions(texting)[0].id
        assert take_session(session_id, 60.0)
        answer_session(current_runtime(), session_id)
    assert not host.assistants.requests


def test_a_worker_that_lost_its_lease_sends_nothing(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def think(request: AnswerRequest) -> str:
        write(texting, SmsSession, SmsSession.id > 0, lease_token="somebody else")
        return "too late"

    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].answer_id is None


def test_who_opts_out_while_the_assistant_thinks_gets_nothing(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        text_in(texting, "STOP")
        return "Here is your answer"

    host.assistants.reply = think
    text_in(texting, "question")
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert [row.no_reply_reason for row in inbound(texting)] == ["opted_out", "keyword"]


def test_keywords_reach_people_as_a_note_and_never_the_assistant(texting: Flask, host: MemoryHost) -> None:
    text_in(texting, "STOP")
    run_jobs(texting)
    assert host.assistants.requests == []
    assert host.chats.transcript() == [("note", "STOP")]


def test_a_channel_that_is_switched_off_meanwhile_does_not_answer(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    change(texting, enabled=False)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "disabled"


def test_a_stale_text_is_not_answered(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "last night")
    write(texting, SmsMessage, SmsMessage.id > 0, created_at=db_now(-1801.0))
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "stale"
    assert host.chats.transcript() == [("user", "last night")]


def test_an_answer_that_took_too_long_is_not_sent(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    def think(request: AnswerRequest) -> str:
        write(texting, SmsMessage, SmsMessage.id > 0, created_at=db_now(-1801.0))
        return "late"

    from tests.support.channels import connect

    texting = make(SMS_TWILIO_API_URL=twilio.url)
    connect(texting)
    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "stale"


def test_the_answer_is_made_fit_for_sms(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    change(texting, max_message_length=60)
    host.assistants.reply = lambda request: (
        "**Open** “daily” — see <https://acme.test>.\n\n" + "More words. " * 30
    )
    text_in(texting)
    run_jobs(texting)
    (body,) = on_twilio(twilio)
    assert len(body) <= 60
    assert "**" not in body
    assert '"daily"' in body


def test_the_answer_comes_from_the_number_that_was_texted(texting: Flask, twilio: Any) -> None:
    text_in(texting, To="+15551230002")
    run_jobs(texting)
    (answer,) = twilio.messages(to=TEXTER, created_by="api")
    assert answer.from_ == "+15551230002"


def test_a_host_that_took_over_says_so_and_nothing_is_sent(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.assistants.reply = lambda request: None
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "taken_over"


@pytest.mark.parametrize("failure", [AssistantUnavailable("busy"), ValueError("a bug of the host"), ""])
def test_a_failing_assistant_is_asked_again_and_then_the_texter_gets_one_apology(
    texting: Flask, twilio: Any, host: MemoryHost, failure: Exception | str
) -> None:
    def fail(request: AnswerRequest) -> str:
        if isinstance(failure, Exception):
            raise failure
        return failure

    host.assistants.reply = fail
    text_in(texting)
    for _ in range(4):
        run_jobs(texting)
        due_now(texting)
        with texting.app_context():
            run_once(current_runtime())
    assert len(host.assistants.requests) == 3
    assert on_twilio(twilio) == ["Sorry, I can't answer right now. Please try again in a few minutes."]
    assert inbound(texting)[0].no_reply_reason == "assistant_failed"
    assert outbound(texting)[0].kind == "apology"


def test_a_texter_gets_one_apology_an_hour(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    def fail(request: AnswerRequest) -> str:
        raise AssistantUnavailable

    host.assistants.reply = fail
    for body in ("one", "two"):
        text_in(texting, body)
        for _ in range(4):
            run_jobs(texting)
            due_now(texting)
            with texting.app_context():
                run_once(current_runtime())
    assert len(on_twilio(twilio)) == 1
    assert [row.no_reply_reason for row in inbound(texting)] == ["assistant_failed"] * 2


def test_a_text_that_was_given_up_can_be_answered_after_all(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    def fail(request: AnswerRequest) -> str:
        raise AssistantUnavailable

    host.assistants.reply = fail
    text_in(texting)
    for _ in range(4):
        run_jobs(texting)
        due_now(texting)
        with texting.app_context():
            run_once(current_runtime())
    host.assistants.reply = lambda request: "Now I can."
    with texting.app_context():
        (message,) = inbound(texting)
        assert replay(current_runtime(), message.id, message.channel_id)
        assert not replay(current_runtime(), message.id, message.channel_id)
    run_jobs(texting)
    assert on_twilio(twilio)[-1] == "Now I can."


def test_a_chat_history_that_fails_is_a_failed_attempt_too(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    host.chats.fail = RuntimeError("history is down")
    text_in(texting)
    run_jobs(texting)
    assert sessions(texting)[0].attempts == 1
    host.chats.fail = None
    due_now(texting)
    with texting.app_context():
        run_once(current_runtime())
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1


def test_a_lost_job_is_found_by_housekeeping(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    with texting.app_context():
        current_runtime().queue.rq_queue(timeout=2).empty()
        run_once(current_runtime())
    assert run_jobs(texting) == 0, "a job that may still come is given time"
    due_now(texting)
    with texting.app_context():
        run_once(current_runtime())
    assert run_jobs(texting) == 1
    assert len(on_twilio(twilio)) == 1


def test_two_machines_do_not_text_each_other_without_end(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    from tests.support.channels import connect

    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_ANSWERS_PER_HOUR=3)
    connect(app)
    for n in range(5):
        text_in(app, f"ping {n}")
        run_jobs(app)
    assert len(on_twilio(twilio)) == 3
    assert [row.no_reply_reason for row in inbound(app)][-2:] == ["rate_limited"] * 2


class TestContacts:
    """Contact matching and auto-create, both off by default."""

    def test_off_means_the_host_is_not_asked(self, texting: Flask, host: MemoryHost) -> None:
        host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id is None

    def test_matching_links_a_contact_with_the_same_number(self, texting: Flask, host: MemoryHost) -> None:
        known = host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        host.contacts.create("ws_globex", number=TEXTER, source="crm", key="y")
        change(texting, contact_matching=True)
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id == known.id

    def test_matching_alone_creates_nothing(self, texting: Flask, host: MemoryHost) -> None:
        change(texting, contact_matching=True)
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id is None
        assert not host.contacts.contacts

    def test_auto_create_makes_one_contact_with_source_sms(self, texting: Flask, host: MemoryHost) -> None:
        change(texting, contact_matching=True, auto_create_contacts=True)
        for body in ("one", "two"):
            text_in(texting, body)
            run_jobs(texting)
        ((workspace_id, contact, source),) = host.contacts.contacts.values()
        assert (workspace_id, contact.phone_number, source) == ("ws_acme", TEXTER, "sms")

    def test_auto_create_alone_links_who_is_known_and_creates_who_is_not(
        self, texting: Flask, host: MemoryHost
    ) -> None:
        known = host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        change(texting, auto_create_contacts=True)
        for sender in (TEXTER, "+15550001234"):
            text_in(texting, From=sender)
            run_jobs(texting)
        assert sessions(texting)[0].contact_id == known.id
        assert [contact.phone_number for _, contact, source in host.contacts.contacts.values()] == [
            TEXTER,
            "+15550001234",
        ]

    def test_a_failing_contact_lookup_does_not_hold_up_the_answer(
        self, texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: Any
    ) -> None:
        def fail(*args: Any) -> Any:
            raise RuntimeError("contacts are down")

        change(texting, contact_matching=True)
        monkeypatch.setattr(host.contacts, "find_by_number", fail)
        text_in(texting)
        run_jobs(texting)
        assert len(on_twilio(twilio)) == 1


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


def test_messages_name_no_full_number_in_the_log(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    text_in(texting, "my secret question")
    run_jobs(texting)
    assert messages(texting)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("illumichat_sms"))
    assert TEXTER not in ours
    assert NUMBER not in ours
    assert "secret question" not in ours


class TestAttempts:
    """What counts as a try, and when the count starts anew."""

    @pytest.fixture
    def failing(self, texting: Flask, host: MemoryHost) -> Flask:
        def fail(request: AnswerRequest) -> str:
            raise AssistantUnavailable

        host.assistants.reply = fail
        return texting

    def test_texts_closed_for_another_reason_take_their_attempts_with_them(
        self, failing: Flask, twilio: Any, host: MemoryHost
    ) -> None:
        text_in(failing)
        for _ in range(2):
            run_jobs(failing)
            due_now(failing)
            with failing.app_context():
                run_once(current_runtime())
        change(failing, enabled=False)
        run_jobs(failing)
        change(failing, enabled=True)
        host.assistants.reply = lambda request: "Hello again."
        text_in(failing, "and now?")
        run_jobs(failing)
        assert on_twilio(twilio) == ["Hello again."]

    def test_a_further_text_does_not_shorten_the_pause(
        self, make: Callable[..., Flask], failing: Flask, host: MemoryHost
    ) -> None:
        patient = make(SMS_TWILIO_API_URL="http://127.0.0.1:1", SMS_RETRY_DELAY=3600)
        for body in ("one", "two", "three"):
            text_in(patient, body)
            run_jobs(patient)
        assert len(host.assistants.requests) == 1

    def test_the_apology_is_a_note_and_the_question_stays_open(
        self, failing: Flask, host: MemoryHost
    ) -> None:
        text_in(failing, "question")
        for _ in range(4):
            run_jobs(failing)
            due_now(failing)
            with failing.app_context():
                run_once(current_runtime())
        run_jobs(failing)
        assert [role for role, _ in host.chats.transcript()] == ["user", "note"]


def test_a_chat_deleted_in_the_host_is_replaced(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting, "one")
    run_jobs(texting)
    del host.chats.chats["conv_1"]
    text_in(texting, "two")
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 2
    assert host.chats.transcript() == [("user", "two"), ("assistant", "We are open from 9 to 17.")]
    assert sessions(texting)[0].chat_id == "conv_2"


def test_disconnecting_while_the_assistant_thinks_sends_nothing(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    from illumichat_sms_plugin.host import Person
    from illumichat_sms_plugin.services.setup.save_channel import disconnect

    def think(request: AnswerRequest) -> str:
        with texting.app_context():
            disconnect(current_runtime(), "ast_support", by=Person("p", "Admin"))
        return "too late"

    host.assistants.reply = think
    text_in(texting)
    run_jobs(texting)
    assert on_twilio(twilio) == []
    assert inbound(texting)[0].no_reply_reason == "not_connected"


def test_more_texts_than_are_answered_at_once_are_answered_in_rounds(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from illumichat_sms_plugin.services import pending_texts

    monkeypatch.setattr(pending_texts, "MAX_AT_ONCE", 2)
    for n in range(5):
        text_in(texting, f"text {n}")
    run_jobs(texting)
    assert all(row.answer_id for row in inbound(texting))
    assert len(on_twilio(twilio)) == 3
