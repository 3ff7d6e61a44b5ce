"""What is older than a channel keeps it goes, with all that belongs to it; what is still in work stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.services.retention.how_long import days_kept
from tests.services.retention.old import age, let_go
from tests.support.attached import PNG, text_with
from tests.support.channels import (
    change,
    connect,
    inbound,
    messages,
    outbound,
    run_jobs,
    sessions,
    sql,
    write,
)
from tests.support.twilio_requests import TEXTER, new_sid, text_in
from tests.support.visitors import visit


@pytest.mark.parametrize(
    ("chosen", "bound", "kept"),
    [(0, 0, 0), (90, 0, 90), (0, 365, 365), (90, 365, 90), (3650, 365, 365)],
)
def test_a_channel_keeps_texts_as_it_chooses_within_the_operators_bound(
    chosen: int, bound: int, kept: int
) -> None:
    assert days_kept(chosen, bound) == kept


def test_texts_are_kept_for_ever_unless_somebody_chooses(talked: Flask) -> None:
    age(talked, 5000)
    assert let_go(talked) == 0
    assert len(messages(talked)) == 3


def test_old_texts_go_with_all_that_belongs_to_them(talked: Flask) -> None:
    change(talked, keep_days=30)
    age(talked, 31)
    let_go(talked)
    for table in ("messages", "status_events", "sessions", "consent_events", "audit_entries"):
        assert sql(talked, f"SELECT count(*) FROM sms_{table}").scalar() == 0, table


def test_a_text_of_another_system_waits_for_nothing(talked: Flask) -> None:
    """Only what a texter wrote waits for an answer."""
    write(talked, SmsMessage, SmsMessage.direction == "outbound", direction="other", send_state=None)
    write(talked, SmsMessage, SmsMessage.answer_id.is_not(None), answer_id=None, no_reply_reason="keyword")
    change(talked, keep_days=30)
    age(talked, 31)
    let_go(talked)
    assert len(messages(talked)) == 0


def test_younger_ones_stay(talked: Flask) -> None:
    change(talked, keep_days=30)
    age(talked, 29)
    let_go(talked)
    assert len(messages(talked)) == 3
    assert len(sessions(talked)) == 1
    assert sql(talked, "SELECT count(*) FROM sms_audit_entries").scalar() > 0


def test_attachments_go_with_their_text(texting: Flask, twilio: Any) -> None:
    text_with(texting, twilio, PNG)
    run_jobs(texting)
    change(texting, keep_days=30)
    age(texting, 31)
    let_go(texting)
    assert sql(texting, "SELECT count(*) FROM sms_media").scalar() == 0


def test_of_a_session_that_goes_on_only_the_old_texts_go(texting: Flask) -> None:
    for body in ("One", "Two"):
        text_in(texting, body)
        run_jobs(texting)
    age(texting, 40, texts=SmsMessage.id <= 2)
    change(texting, keep_days=30)
    let_go(texting)
    assert [row.body for row in inbound(texting)] == ["Two"]
    assert len(outbound(texting)) == 1
    write(texting, SmsSession, SmsSession.id == 1, created_at=db_now(-40 * 86400.0))
    page = visit(texting).get("/sms/ast_support/sessions/1").text
    assert "have been deleted: this channel keeps texts for a limited time." in page
    assert "One" not in page
    text_in(texting, "Three")
    run_jobs(texting)
    assert len(outbound(texting)) == 2


STILL_IN_WORK = (
    ({"no_reply_reason": None, "answer_id": None}, "inbound"),
    ({"send_state": "sending"}, "outbound"),
    ({"send_state": "in_doubt"}, "outbound"),
    ({"send_state": "unsettled"}, "outbound"),
)


def test_what_is_still_in_work_stays(texting: Flask) -> None:
    for number in range(len(STILL_IN_WORK)):
        text_in(texting, From=f"+1555765000{number}")
    run_jobs(texting)
    stay = set()
    for session, (state, direction) in zip(sessions(texting), STILL_IN_WORK, strict=True):
        chosen = next(
            row.id for row in messages(texting) if (row.session_id, row.direction) == (session.id, direction)
        )
        write(texting, SmsMessage, SmsMessage.id == chosen, **state)
        stay.add(chosen)
    change(texting, keep_days=30)
    age(texting, 40)
    let_go(texting)
    assert {row.id for row in messages(texting)} == stay
    assert len(sessions(texting)) == len(stay)


def test_a_text_that_waits_for_a_person_stays_until_nobody_attends_to_it(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    waiting = {"no_reply_reason": "taken_over", "answer_id": None}
    write(texting, SmsMessage, SmsMessage.direction == "inbound", **waiting)
    write(texting, SmsSession, SmsSession.id == 1, person_since=db_now())
    change(texting, keep_days=30)
    age(texting, 40)
    let_go(texting)
    assert [row.direction for row in messages(texting)] == ["inbound"]
    write(texting, SmsSession, SmsSession.id == 1, person_since=None)
    let_go(texting)
    assert (messages(texting), sessions(texting)) == ([], [])


def test_an_answer_stays_as_long_as_its_text_does(texting: Flask) -> None:
    """A text without its answer would wait for one again."""
    text_in(texting)
    run_jobs(texting)
    age(texting, 40, texts=SmsMessage.direction == "outbound")
    change(texting, keep_days=30)
    let_go(texting)
    assert len(messages(texting)) == 2


def test_a_copy_of_its_signed_request_brings_no_text_back(texting: Flask) -> None:
    sid = new_sid()
    for _ in range(2):
        assert text_in(texting, "Old news", MessageSid=sid).status_code == 200
        run_jobs(texting)
        change(texting, keep_days=30)
        age(texting, 40)
        let_go(texting)
        assert messages(texting) == []


def test_an_opt_out_outlives_its_session(talked: Flask) -> None:
    change(talked, keep_days=30)
    age(talked, 40)
    let_go(talked)
    assert sessions(talked) == []
    text_in(talked, "Hello again")
    run_jobs(talked)
    assert sessions(talked)[0].opted_out_at is not None
    assert outbound(talked) == []
    assert TEXTER[2:] not in str(sql(talked, "SELECT * FROM sms_suppressions").all())


def test_younger_consent_keeps_a_session(talked: Flask) -> None:
    change(talked, keep_days=30)
    age(talked, 40)
    sql(talked, "UPDATE sms_consent_events SET created_at = CURRENT_TIMESTAMP")
    let_go(talked)
    assert (messages(talked), len(sessions(talked))) == ([], 1)


def test_the_channels_page_says_what_goes_when(texting: Flask) -> None:
    change(texting, keep_days=90)
    refused = visit(texting).patch("/api/sms/config/ast_support", json={"keepDays": 29})
    assert (refused.status_code, "from 30 to 3650" in refused.text) == (400, True), refused.text
    page = visit(texting).get("/sms/ast_support").text
    assert "Texts are deleted here after 90 days" in page
    sql(
        texting,
        "INSERT INTO sms_rollups (channel_id, timezone, since, until) SELECT 1, 'UTC', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP WHERE NOT EXISTS (SELECT 1 FROM sms_rollups)",
    )
    sql(texting, "UPDATE sms_rollups SET texts_from = '2026-01-04 15:00:00'")
    assert (
        "Texts from before Sunday, 4 Jan 2026 have been deleted."
        in visit(texting).get("/sms/ast_support").text
    )
    sql(
        texting,
        "INSERT INTO sms_retentions (channel_id, look_at, part) VALUES (1, CURRENT_TIMESTAMP, 'texts')",
    )
    assert (
        "are being deleted; with many texts this takes hours." in visit(texting).get("/sms/ast_support").text
    )


def test_an_operators_bound_holds_for_channels_that_chose_nothing(make: Callable[..., Flask]) -> None:
    app = make(SMS_KEEP_DAYS_BOUND=365)
    connect(app)
    text_in(app, "STOP")
    age(app, 366)
    let_go(app)
    assert messages(app) == []
    assert (
        "The operator of this platform keeps texts for 365 days at most"
        in visit(app).get("/sms/ast_support").text
    )
