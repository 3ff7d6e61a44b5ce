"""Whoever is turned away leaves a line in the log and a figure in the metrics; what people decide is in the audit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SendState, SmsMessage
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import security_events
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.security_events import events_of_the_last_hour, flush_events
from illumichat_sms_plugin.services.sessions import session_actions
from tests.support.channels import OWNER, connect, inbound, outbound, run_jobs, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed, text_in
from tests.support.visitors import sign_in

PATH = "/api/sms/webhook/ast_support"


class Trail:
    """The lines of the security log, as the fields they carry."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    @property
    def lines(self) -> list[str]:
        return [
            record.getMessage() for record in self._caplog.records if record.name == "illumichat_sms.security"
        ]

    def only(self) -> dict[str, str]:
        (record,) = [one for one in self._caplog.records if one.name == "illumichat_sms.security"]
        fields: dict[str, str] = record.sms_security
        return fields


@pytest.fixture
def trail(caplog: pytest.LogCaptureFixture) -> Iterator[Trail]:
    caplog.set_level(logging.INFO, "illumichat_sms.security")
    yield Trail(caplog)


def counted(app: Flask) -> dict[tuple[str, str], int]:
    with app.app_context():
        flush_events(current_runtime())
        return events_of_the_last_hour()


def test_a_forged_webhook(connected: Flask, trail: Trail) -> None:
    connected.test_client().post(
        PATH,
        data=inbound_form(),
        headers={"X-Twilio-Signature": "wrong"},
        environ_base={"REMOTE_ADDR": "203.0.113.77"},
    )
    assert trail.only() == {
        "event": "webhook_refused",
        "reason": "wrong_signature",
        "route": "sms_webhooks.inbound",
        "method": "POST",
        "object": "assistant_id=ast_support",
        "caller": "network:203.0.113.0/24",
    }
    assert counted(connected) == {("webhook_refused", "wrong_signature"): 1}


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"data": {"a": "b"}}, "no_signature"),
        ({"json": {}}, "no_form"),
        ({"data": {f"f{n}": "" for n in range(300)}}, "too_many_fields"),
        ({"data": {"a": "x" * 70_000}}, "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_webhooks_that_are_turned_away(
    connected: Flask, trail: Trail, sent: dict[str, Any], reason: str
) -> None:
    connected.test_client().post(PATH, **sent)
    assert trail.only()["reason"] == reason


@pytest.mark.parametrize(
    ("person", "path", "reason", "caller"),
    [
        ("stranger", "/api/sms/config/ast_support", "unauthorized", "network:127.0.0.0/24"),
        ("member", "/api/sms/doctor/ast_support", "forbidden", "person:usr_member"),
        ("owner", "/api/sms/config/ast_globex", "not_found", "person:usr_owner"),
        ("owner", "/sms/ast_support/sessions/9999", "not_found", "person:usr_owner"),
    ],
)
def test_a_person_who_is_turned_away(  # noqa: PLR0917
    connected: Flask,
    host: MemoryHost,
    trail: Trail,
    person: str,
    path: str,
    reason: str,
    caller: str,
) -> None:
    sign_in(host, person)
    connected.test_client().get(path)
    found = trail.only()
    assert (found["event"], found["reason"], found["caller"]) == ("denied", reason, caller)
    assert counted(connected) == {("denied", reason): 1}


def test_nobody_writes_a_line_of_his_own_and_numbers_are_masked(connected: Flask, trail: Trail) -> None:
    odd = "+15557650001%0Aevent=fine%E2%80%AEx"
    connected.test_client().get(f"/api/sms/config/{odd}")
    (line,) = trail.lines
    assert "\n" not in line
    assert line.isascii()
    assert "5557650001" not in line


def test_a_flood_writes_a_bounded_number_of_lines_and_is_counted_in_full(
    connected: Flask, trail: Trail
) -> None:
    for _ in range(100):
        connected.test_client().post(PATH, data={"a": "b"}, headers={"X-Twilio-Signature": "wrong"})
    assert 30 <= len(trail.lines) <= 61  # a minute may have passed
    assert counted(connected) == {("webhook_refused", "wrong_signature"): 100}


@pytest.mark.parametrize(
    ("again", "reason"), [({"Body": "STOP"}, "another_body"), ({"From": "+15557650099"}, "another_sender")]
)
def test_a_message_sid_that_comes_again_with_something_else(
    connected: Flask, trail: Trail, again: dict[str, str], reason: str
) -> None:
    form = inbound_form("hello")
    post_signed(connected, PATH, form)
    post_signed(connected, PATH, form)
    assert trail.lines == [], "Twilio repeats itself"
    post_signed(connected, PATH, form | again)
    assert [row.body for row in inbound(connected)] == ["hello"]
    assert (trail.only()["event"], trail.only()["reason"]) == ("reused_message_sid", reason)


def test_the_metrics_have_them(make: Callable[..., Flask]) -> None:
    app = make(SMS_METRICS_TOKEN="m" * 32)
    connect(app)
    app.test_client().get("/api/sms/metrics")
    with app.app_context():
        flush_events(current_runtime())
    said = app.test_client().get("/api/sms/metrics", headers={"Authorization": "Bearer " + "m" * 32}).text
    assert 'security_events_last_hour{event="denied",reason="not_found"} 1.0' in said


def test_old_counts_are_forgotten(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    connected.test_client().get("/api/sms/config/ast_support")
    assert counted(connected)
    monkeypatch.setattr(security_events, "KEPT_SLOTS", -1)
    with connected.app_context():
        assert security_events.forget_old_events(current_runtime()) == 1


class TestAudit:
    def test_what_an_admin_decides_about_texts(self, texting: Flask, twilio: Any) -> None:
        text_in(texting)
        run_jobs(texting)
        (answer,) = outbound(texting)
        write(texting, SmsMessage, SmsMessage.id == answer.id, send_state=SendState.UNSETTLED)
        with texting.app_context():
            session_actions.dismiss(1, answer.session_id, answer.id, by=OWNER)
            write(texting, SmsMessage, SmsMessage.id == answer.id, send_state=SendState.UNSETTLED)
            session_actions.resend(current_runtime(), 1, answer.session_id, answer.id, by=OWNER)
            (asked,) = inbound(texting)
            write(texting, SmsMessage, SmsMessage.id == asked.id, no_reply_reason="assistant_failed")
            session_actions.answer_again(current_runtime(), 1, answer.session_id, asked.id, by=OWNER)
            session_actions.change_consent(1, answer.session_id, "opt_out", "asked by e-mail", by=OWNER)
            session_actions.change_consent(1, answer.session_id, "opt_in", "asked by e-mail", by=OWNER)
            entries = recent_entries(1, limit=5)
        assert [entry.action for entry in entries] == [
            "opted_in",
            "opted_out",
            "answered_again",
            "resent",
            "dismissed",
        ]
        assert {entry.person_id for entry in entries} == {OWNER.id}
        assert TEXTER not in str([entry.changes for entry in entries])

    def test_who_starts_the_doctor(self, connected: Flask, host: MemoryHost) -> None:
        sign_in(host, "owner")
        assert connected.test_client().post("/api/sms/doctor/ast_support").status_code == 202
        with connected.app_context():
            assert recent_entries(1)[0].action == "doctor_run"


def test_resend_of_somebody_elses_text_costs_no_budget(connected: Flask, host: MemoryHost) -> None:
    """Otherwise the answer would change from 404 to 429, and an admin's own Resends would be used up."""
    sign_in(host, "owner")
    client = connected.test_client()
    answers = {
        client.post("/sms/ast_support/sessions/1/messages/999/resend").status_code
        for _ in range(session_actions.RESENDS + 2)
    }
    assert answers == {404}
