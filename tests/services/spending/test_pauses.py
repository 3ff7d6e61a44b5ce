"""A channel is paused by a person, an operator or for all, and goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.models import SmsChannel, SmsSpending
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from tests.services.answering.answers import on_twilio
from tests.services.spending.asking import OPERATOR, QUESTIONS, admin_resumes, ask, reasons, settings, state
from tests.support.channels import OWNER, change, connect, write
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.support.visitors import visit


def test_a_person_pauses_and_resumes(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        assert pauses.pause(current_runtime(), "ast_support", by=OWNER)
        assert not pauses.pause(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[0])
    assert reasons(texting) == ["paused"]
    with texting.app_context():
        assert pauses.resume(current_runtime(), "ast_support", by=OWNER)
        assert not pauses.resume(current_runtime(), "ast_support", by=OWNER)
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_what_an_operator_stops_only_an_operator_lets_go_on(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        runtime = current_runtime()
        pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        with pytest.raises(Conflict):
            pauses.resume(runtime, "ast_support", by=OWNER)
        assert pauses.resume(runtime, "ast_support", by=OPERATOR)


@pytest.mark.parametrize("before", ["person", "segments"])
def test_an_operator_stops_what_was_paused_already(texting: Flask, twilio: Any, before: str) -> None:
    with texting.app_context():
        runtime = current_runtime()
        pauses.pause(runtime, "ast_support", by=OWNER, reason=before)
        assert pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        assert not pauses.pause(runtime, "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
        assert not pauses.pause(runtime, "ast_support", by=OWNER)
        with pytest.raises(Conflict):
            pauses.resume(runtime, "ast_support", by=OWNER)
    assert settings(texting).pause.reason == "operator"


def test_an_operators_stop_and_what_is_used_outlast_a_new_connection(texting: Flask, twilio: Any) -> None:
    ask(texting, QUESTIONS[0])
    with texting.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OPERATOR, reason=pauses.BY_OPERATOR)
    assert visit(texting).delete("/api/sms/config/ast_support").status_code in (200, 204)
    credentials = {"accountSid": ACCOUNT_SID, "authToken": AUTH_TOKEN, "phoneNumber": NUMBER}
    assert visit(texting).put("/api/sms/config/ast_support", json=credentials).status_code == 201
    assert state(texting).code == "paused"
    assert settings(texting).used[0].used == 1
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_the_switch_for_all_channels(texting: Flask, twilio: Any) -> None:
    with texting.app_context():
        assert pauses.pause_all(current_runtime(), by=OPERATOR)
    ask(texting, QUESTIONS[0])
    assert reasons(texting) == ["paused"]
    assert state(texting).code == "paused"
    assert "An operator" in state(texting).sentence
    with texting.app_context():
        assert pauses.resume_all(current_runtime(), by=OPERATOR)
        assert not pauses.resume_all(current_runtime(), by=OPERATOR)
    ask(texting, QUESTIONS[1])
    assert len(on_twilio(twilio)) == 1


def test_a_channel_may_go_on_by_itself(texting: Flask, twilio: Any) -> None:
    change(texting, segments_per_day=1, resume_by_itself=True)
    ask(texting, *QUESTIONS[:2])
    assert settings(texting).pause.until is not None
    write(texting, SmsChannel, SmsChannel.id == 1, paused_until=datetime(2020, 1, 1, tzinfo=UTC))
    write(texting, SmsSpending, SmsSpending.channel_id == 1, day=1)
    ask(texting, QUESTIONS[2])
    assert len(on_twilio(twilio)) == 2
    assert reasons(texting) == [None, "paused", None]


def test_an_admin_who_resumes_again_and_again_keeps_to_the_operators_bound(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_SEGMENTS_PER_DAY_BOUND=3, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    change(app, segments_per_day=2)
    ask(app, *QUESTIONS[:2])
    assert admin_resumes(app)
    ask(app, *QUESTIONS[2:4])
    assert reasons(app) == [None, None, None, "paused"], (
        "the admin's limit is 2 anew, of the operator's one is left"
    )
    with pytest.raises(Conflict, match="as much as its operator allows in a day"):
        admin_resumes(app)
    ask(app, QUESTIONS[4])
    assert len(on_twilio(twilio)) == 3
    assert admin_resumes(app, by=OPERATOR)
    ask(app, "And on Sunday?")
    assert len(on_twilio(twilio)) == 4


def test_the_operators_bound_in_money_outlasts_resume_too(make: Any, twilio: Any) -> None:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url, SMS_MONEY_PER_DAY_BOUND=0.02, SMS_MACHINE_ANSWERS=1000)
    connect(app)
    change(app, money_per_day="0.01")
    ask(app, *QUESTIONS[:2])
    assert settings(app).pause.reason == "money_day"
    assert admin_resumes(app)
    ask(app, *QUESTIONS[2:4])
    assert reasons(app) == [None, None, None, "paused"]
    with pytest.raises(Conflict):
        admin_resumes(app)
