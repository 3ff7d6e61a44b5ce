"""What the SMS page shows besides: state, audit, tokens, further numbers, the Doctor's fixes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsChannel
from tests.support.channels import change, outbound, run_jobs, write
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CONFIG = "/api/sms/config/ast_support"


def call(app: Flask, method: str, url: str, visitor: str = "admin", status: int = 200, **sent: Any) -> Any:
    answer = visit(app, visitor).open(url, method=method, **sent)
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_member_sees_the_state_and_an_admin_also_why(connected: Flask) -> None:
    state = "/api/sms/state/ast_support"
    on = {"state": "one_step_left", "label": "One step left", "text": None, "reasons": []}
    assert call(connected, "GET", state, "member") == on
    assert "No text" in call(connected, "GET", state)["text"]
    write(connected, SmsChannel, SmsChannel.id == 1, attention_code=20003)
    assert call(connected, "GET", state, "member")["label"] == "Needs attention"
    (reason,) = call(connected, "GET", state)["reasons"]
    assert reason.keys() == {"what", "do", "link"}


def test_the_audit_names_who_and_what_and_hides_secrets(connected: Flask) -> None:
    change(connected, max_message_length=320, signing_key="s" * 32)
    entries = call(connected, "GET", f"{CONFIG}/audit")["data"]
    assert [entry["action"] for entry in entries] == ["changed", "connected"]
    assert entries[0]["personName"] == "Olivia Owner"
    changes = {entry["field"]: entry for entry in entries[0]["changes"]}
    assert changes["maxMessageLength"] == {"field": "maxMessageLength", "old": 1600, "new": 320}
    assert changes["signingKey"] == {"field": "signingKey"}


def test_the_audit_is_read_to_its_end_page_by_page(connected: Flask) -> None:
    for length in (300, 301, 302):
        change(connected, max_message_length=length)
    seen, cursor = [], ""
    while cursor is not None:
        page = call(connected, "GET", f"{CONFIG}/audit?limit=3{cursor and '&cursor='}{cursor}")
        seen += [entry["id"] for entry in page["data"]]
        cursor = page["nextCursor"]
    assert seen == ["4", "3", "2", "1"]


def test_without_a_channel_there_is_nothing_to_tell(app: Flask) -> None:
    assert call(app, "GET", f"{CONFIG}/audit") == {"data": [], "nextCursor": None}
    assert call(app, "GET", f"{CONFIG}/token") == {"main": None, "second": None}
    assert call(app, "GET", "/api/sms/state/ast_support")["state"] == "not_connected"


def test_the_stored_tokens_tell_their_story_and_never_themselves(connected: Flask) -> None:
    tokens = call(connected, "GET", f"{CONFIG}/token")
    assert tokens["main"]["enteredBy"] == "Olivia Owner"
    assert tokens["main"]["mainSince"] == tokens["main"]["enteredAt"]
    assert tokens["second"] is None


def test_the_doctors_fixes_are_applied(connected: Flask) -> None:
    change(connected, enabled=False)
    done = call(connected, "POST", "/api/sms/doctor/ast_support/fix/turn-on")
    assert done == {"done": "SMS is on."}
    assert call(connected, "GET", CONFIG)["enabled"] is True
    call(connected, "POST", "/api/sms/doctor/ast_support/fix/nothing", status=404)


def test_the_analytics_count_what_was_cut(connected: Flask) -> None:
    figures = call(connected, "GET", "/api/sms/analytics/ast_support")
    assert figures["cutAnswers"] == {"count": 0, "asked": 0}


def test_a_pause_by_a_program_holds_until_it_resumes(texting: Flask) -> None:
    paused = call(texting, "POST", f"{CONFIG}/pause", json={})["pause"]
    assert (paused["reason"], paused["by"]) == ("person", "Ada Admin")
    text_in(texting)
    run_jobs(texting)
    assert outbound(texting) == []
    assert call(texting, "POST", f"{CONFIG}/resume", json={})["pause"] is None
    text_in(texting, "And now?")
    run_jobs(texting)
    assert len(outbound(texting)) == 1
