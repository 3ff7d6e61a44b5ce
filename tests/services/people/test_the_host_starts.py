"""The host texts somebody first who agreed to it; from then on it is a session like any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.sms_channel import Sent
from tests.services.answering.answers import on_twilio
from tests.services.people.first_texts import REMINDER, start
from tests.support.channels import (
    change,
    inbound,
    outbound,
    run_jobs,
    sessions,
    sql,
    write,
)
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in
from tests.support.visitors import visit


def send(app: Flask, chat: str = "conv_1") -> Any:
    with app.app_context():
        return app.extensions["illumichat_sms"].channel.send(chat, "Anna here.", Person("p1", "Anna"), "k1")


def test_c_reaches_the_assistant_together_with_what_it_answers(
    ready: Flask, twilio: Any, host: MemoryHost
) -> None:
    assert isinstance(start(ready), Sent)
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]
    assert host.assistants.requests == []
    text_in(ready, "C")
    run_jobs(ready)
    (request,) = host.assistants.requests
    assert host.chats.transcript()[:2] == [("assistant", REMINDER), ("user", "C")]
    assert request.chat_id == "conv_1"
    assert len(on_twilio(twilio)) == 2
    (session,) = sessions(ready)
    assert (session.person_since, session.phone_number) == (None, TEXTER)
    assert next((row.kind, row.send_state) for row in outbound(ready)) == ("first", "accepted")


def test_the_consent_is_kept_and_leaves_with_the_ledger(ready: Flask) -> None:
    start(ready, by=Person("p1", "Anna"))
    ledger = "/api/sms/config/ast_support/consent"
    (entry,) = visit(ready).get(ledger).json["data"]
    evidence = "appointment reminders; 2026-05-03 09:30 UTC; ticked on the booking form"
    shown = ("phoneNumber", "action", "source", "by", "evidence")
    assert tuple(entry[name] for name in shown) == (TEXTER, "agreed", "host", "Anna", evidence)
    assert evidence in visit(ready).get(f"{ledger}.csv").text
    page = visit(ready).get(f"/sms/ast_support/sessions/{sessions(ready)[0].id}").text
    assert "Agreed" in page
    assert evidence in page
    (audited,) = visit(ready).get("/api/sms/config/ast_support/audit").json["data"][:1]
    assert (audited["action"], audited["personName"]) == ("text_started", "Anna")


def test_the_same_key_sends_once_whatever_else_comes_with_it(ready: Flask, twilio: Any) -> None:
    first = start(ready)
    assert start(ready, "Another text", number="+15557654399") == first
    run_jobs(ready)
    assert start(ready) == first
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER]
    assert on_twilio(twilio, "+15557654399") == []
    assert sql(ready, "SELECT count(*) FROM sms_consent_events").scalar() == 1


def test_two_at_once_with_one_key_send_once(ready: Flask, twilio: Any) -> None:
    numbers = [TEXTER, TEXTER, "+15557654399", TEXTER]
    with ThreadPoolExecutor(4) as pool:
        for round in range(3):
            work = pool.map(lambda number: start(ready, key=f"r{round}", number=number), numbers)  # noqa: B023
            assert len(set(work)) == 1
    run_jobs(ready)
    assert len(on_twilio(twilio)) + len(on_twilio(twilio, "+15557654399")) == 3


def test_a_persons_key_is_another(ready: Flask, twilio: Any) -> None:
    start(ready)
    run_jobs(ready)
    send(ready)
    run_jobs(ready)
    assert on_twilio(twilio) == [REMINDER, "Anna here."]


def test_while_a_person_answers_it_goes_out_and_what_waits_goes_on_waiting(
    ready: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(ready, "Hello")
    run_jobs(ready)
    send(ready)
    run_jobs(ready)
    text_in(ready, "When do you open?")
    run_jobs(ready)
    start(ready, key="k2")
    run_jobs(ready)
    assert on_twilio(twilio)[-1] == REMINDER
    assert inbound(ready)[-1].no_reply_reason == "taken_over"
    assert sessions(ready)[0].person_by == "Anna"


def test_after_a_long_silence_it_opens_a_chat_of_its_own(ready: Flask, host: MemoryHost) -> None:
    change(ready, new_chat_after_days=30)
    text_in(ready, "Hello")
    run_jobs(ready)
    write(ready, SmsMessage, SmsMessage.id > 0, created_at=db_now(-40 * 86400.0))
    start(ready)
    run_jobs(ready)
    text_in(ready, "C")
    run_jobs(ready)
    old, new = host.chats.chats.values()
    assert [message.role for message in old] == ["user", "assistant"]
    assert [message.content for message in new][:2] == [REMINDER, "C"]
