"""What was written down before anybody read it is said in the reader's language, too: found with the language of marks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import AssistantUnavailable, Person
from illumichat_sms_plugin.languages import catalogues
from illumichat_sms_plugin.models import NoReply, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.doctor.run import start_run
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections
from illumichat_sms_plugin.services.people.hand_back_late import BY
from illumichat_sms_plugin.services.people.start_text import THE_HOST
from illumichat_sms_plugin.services.setup.end_tokens import HOUSEKEEPING
from illumichat_sms_plugin.services.setup.release_number import TWILIO
from tests.languages.test_every_sentence import Marks, unsaid
from tests.support.apps import PUBLIC_URL
from tests.support.channels import change, inbound, outbound, run_jobs, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import inbound_form, post_signed, text_in
from tests.support.visitors import current_host, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SMS = "/sms/ast_support"
SESSION = f"{SMS}/sessions/1"
WEBHOOK = "/api/sms/webhook/ast_support"
ROBOT = "I will be away from my desk until Monday and shall look into it then."


@pytest.fixture
def read(texting: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A page as people see it who read marks; what has no marks fails."""

    def show(path: str) -> str:
        monkeypatch.setitem(catalogues._loaded, "de", Marks())
        monkeypatch.setattr(current_host(texting).pages, "locale", lambda: "de", raising=False)
        page = visit(texting).get(path)
        assert (page.status_code, "⟦" in page.text) == (200, True)
        assert unsaid(page.text) == []
        text: str = page.text
        return text

    return show


Read = Callable[[str], str]


def test_by_what_a_machine_was_known(texting: Flask, read: Read) -> None:
    for _ in range(4):
        text_in(texting, ROBOT)
        run_jobs(texting)
    assert "⟦It sent nearly the same text 4 times in a row" in read(SESSION)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://chat.example.com{WEBHOOK}", "⟦Twilio signed http://chat.example.com"),
        (None, "⟦The form names an account that ends in 9999.⟧"),
    ],
)
def test_why_a_webhook_was_refused(texting: Flask, read: Read, url: str | None, said: str) -> None:
    other = {} if url else {"AccountSid": "AC" + "9" * 32}
    post_signed(texting, WEBHOOK, inbound_form(**other), url=url or PUBLIC_URL + WEBHOOK)
    with texting.app_context():
        flush_rejections(current_runtime())
    run_the_doctor(texting)
    assert said in read(f"{SMS}/doctor")


@pytest.mark.parametrize("fails", [RuntimeError("boom"), AssistantUnavailable("It sleeps."), None])
def test_a_rehearsal_that_failed(
    texting: Flask, host: MemoryHost, read: Read, fails: Exception | None
) -> None:
    def reply(request: Any) -> str:
        if fails is None:
            return ""
        raise fails

    host.assistants.reply = reply
    visit(texting).post(f"{SMS}/try", data={"text": "Hello", "number": ""})
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)
    assert "⟦The assistant failed⟧" in read(f"{SMS}/try")


def test_what_is_said_of_old_texts(texting: Flask, read: Read) -> None:
    change(texting, keep_days=30)
    text_in(texting)
    run_jobs(texting)
    sql(
        texting,
        "INSERT INTO sms_rollups (channel_id, timezone, since, until) SELECT 1, 'UTC', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP WHERE NOT EXISTS (SELECT 1 FROM sms_rollups)",
    )
    sql(texting, "UPDATE sms_rollups SET texts_from = '2026-01-04 15:00:00'")
    write(texting, SmsSession, SmsSession.id > 0, created_at=datetime(2025, 12, 1, tzinfo=UTC))
    assert "⟦Texts from before" in read(SMS)
    assert "⟦Texts from before" in read(SESSION)


@pytest.mark.parametrize("who", [BY, THE_HOST, HOUSEKEEPING, TWILIO], ids=lambda who: who.id)
def test_what_programs_have_done(texting: Flask, read: Read, who: Person) -> None:
    with texting.app_context(), transaction() as connection:
        audit.record(connection, 1, who, "handed_back", [])
    assert f"⟦{who.name}⟧" in read(SMS)


def test_every_change_of_every_option(texting: Flask, read: Read) -> None:
    change(texting, keep_days=90, countries=("US", "DE"), introduce=True, answers_per_hour=7)
    change(
        texting, enabled=False, money_per_day="5", wait_seconds=0, offer_more=True, hand_back_after_hours=8
    )
    change(texting, money_per_day=None, enabled=True, answer_to="contacts", suggest_answers=True)
    change(
        texting, new_chat_after_days=30, contact_matching=True, segments_per_day=500, delete_at_twilio=True
    )
    read(SMS)


@pytest.mark.parametrize("reason", NoReply)
def test_why_a_text_got_no_answer(texting: Flask, read: Read, reason: NoReply) -> None:
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id == inbound(texting)[0].id, no_reply_reason=reason.value)
    read(SESSION)


@pytest.mark.parametrize("state", ["failed", "in_doubt", "unsettled", "dismissed", "sending"])
def test_how_far_an_answer_came(texting: Flask, read: Read, state: str) -> None:
    text_in(texting)
    run_jobs(texting)
    (sent,) = outbound(texting)
    write(texting, SmsMessage, SmsMessage.id == sent.id, send_state=state, error_code=21610)
    read(SESSION)
    read(SMS)


@pytest.mark.parametrize("status", ["undelivered", "failed", "queued", "read", "canceled"])
def test_what_twilio_says_of_an_answer(texting: Flask, read: Read, status: str) -> None:
    text_in(texting)
    run_jobs(texting)
    (sent,) = outbound(texting)
    write(texting, SmsMessage, SmsMessage.id == sent.id, status=status, error_code=30007)
    read(SESSION)
    read(SMS)


def test_what_a_person_wrote_and_what_was_refused(texting: Flask, read: Read) -> None:
    text_in(texting)
    run_jobs(texting)
    admin = visit(texting)
    assert admin.post(f"{SESSION}/messages", data={"text": "Anna here.", "key": "1"}).status_code == 303
    assert "⟦Waits to be sent⟧" in read(SESSION)
    text_in(texting, "STOP")
    run_jobs(texting)
    assert "⟦Not sent⟧" in read(SESSION)
    write(texting, SmsSession, SmsSession.id > 0, person_since=db_now(), person_why="x", opted_out_at=None)
    read(SESSION)


def test_a_suggestion(texting: Flask, read: Read) -> None:
    change(texting, suggest_answers=True)
    text_in(texting)
    run_jobs(texting)
    read(SESSION)
    read(SMS)
    text_in(texting, "One more thing")
    read(SESSION)


@pytest.mark.parametrize("reason", ["person", "operator", "segments", "money_day", "money_month"])
def test_why_sending_is_paused(texting: Flask, read: Read, reason: str) -> None:
    change(texting, money_per_day="5", money_per_month="50")
    sql(texting, f"UPDATE sms_channels SET paused_at = created_at, pause_reason = '{reason}'")
    read(SMS)
    read(f"{SMS}/try")
    run_the_doctor(texting)
    read(f"{SMS}/doctor")


def run_the_doctor(app: Flask) -> None:
    with app.app_context():
        start_run("ast_support", by=Person("usr_ada", "Ada"))
    for thread in threading.enumerate():
        if "doctor" in thread.name:
            thread.join(30)
