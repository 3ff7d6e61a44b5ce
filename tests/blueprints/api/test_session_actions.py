"""What an admin does in a session, done by a program."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.refusals import SENTENCES, Refusal
from tests.support.channels import inbound, messages, outbound, run_jobs, sessions, write
from tests.support.twilio_requests import TEXTER, text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIST = "/api/sms/sessions/ast_support"
ONE = f"{LIST}/1"


def call(app: Flask, method: str, url: str, visitor: str = "admin", status: int = 200, **sent: Any) -> Any:
    answer = visit(app, visitor).open(url, method=method, **sent)
    assert answer.status_code == status, answer.text
    return answer.json


def actions(app: Flask) -> dict[str, list[str]]:
    """What may be done with each text now, by its direction."""
    return {text["direction"]: text["actions"] for text in call(app, "GET", f"{ONE}/messages")["data"]}


def audited(app: Flask) -> list[str]:
    return [entry["action"] for entry in call(app, "GET", "/api/sms/config/ast_support/audit")["data"]]


def unsettle(app: Flask) -> str:
    """One text answered, and its answer left to an admin; returns the address of the answer."""
    text_in(app)
    run_jobs(app)
    (text,) = outbound(app)
    write(app, SmsMessage, SmsMessage.id == text.id, send_state="unsettled", message_sid=None, status=None)
    return f"{ONE}/messages/{text.id}"


def test_one_session_with_its_consent(connected: Flask) -> None:
    text_in(connected, "STOP")
    session = call(connected, "GET", ONE)
    assert (session["id"], session["phoneNumber"], session["state"]) == ("1", TEXTER, "opted_out")
    (event,) = session["consent"]
    assert (event["action"], event["evidence"][:7]) == ("opt_out", "by text")


def test_a_member_sees_neither_the_number_nor_the_evidence(connected: Flask) -> None:
    text_in(connected, "STOP")
    session = call(connected, "GET", ONE, "member")
    assert session["phoneNumber"] == "+1555•••4321"
    assert [event["evidence"] for event in session["consent"]] == [None]


def test_resend_sends_once_more(texting: Flask, twilio: Any) -> None:
    answer = unsettle(texting)
    assert actions(texting)["outbound"] == ["resend", "dismiss"]
    assert call(texting, "POST", f"{answer}/resend")["sendState"] == "accepted"
    assert len(twilio.messages(to=TEXTER, created_by="api")) == 2
    assert call(texting, "POST", f"{answer}/resend", status=409)["code"] == "conflict:api"
    assert (actions(texting)["outbound"], audited(texting)[0]) == ([], "resent")


def test_dismiss_leaves_it(texting: Flask) -> None:
    answer = unsettle(texting)
    assert call(texting, "POST", f"{answer}/dismiss")["sendState"] == "dismissed"
    assert audited(texting)[0] == "dismissed"


def test_the_sessions_that_wait_for_a_decision_are_listed(texting: Flask) -> None:
    answer = unsettle(texting)
    text_in(texting, From="+15557650001")
    assert call(texting, "GET", LIST)["total"] == 2
    assert [session["id"] for session in call(texting, "GET", f"{LIST}?show=decision")["data"]] == ["1"]
    call(texting, "POST", f"{answer}/dismiss")
    assert call(texting, "GET", f"{LIST}?show=decision")["total"] == 0


def test_answer_again_lets_the_assistant_try_once_more(texting: Flask) -> None:
    text_in(texting)
    (question,) = inbound(texting)
    write(texting, SmsMessage, SmsMessage.id == question.id, no_reply_reason="assistant_failed")
    assert actions(texting)["inbound"] == ["answer-again"]
    text = call(texting, "POST", f"{ONE}/messages/{question.id}/answer-again")
    assert (text["noReplyReason"], text["actions"]) == (None, [])
    run_jobs(texting)
    assert len(outbound(texting)) == 1
    assert audited(texting)[0] == "answered_again"


def test_consent_is_changed_with_evidence(connected: Flask) -> None:
    text_in(connected)
    said = {"action": "opt_out", "evidence": "asked by phone on 3 May"}
    session = call(connected, "POST", f"{ONE}/consent", json=said)
    assert session["state"] == "opted_out"
    assert session["consent"][0]["evidence"] == "by an admin: Ada Admin: asked by phone on 3 May"
    assert len(call(connected, "POST", f"{ONE}/consent", json=said)["consent"]) == 1
    again = call(connected, "POST", f"{ONE}/consent", json=said | {"action": "opt_in"})
    assert again["optedOutAt"] is None
    assert audited(connected)[:2] == ["opted_in", "opted_out"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"action": "opt_out"}, "evidence"),
        ({"action": "opt_out", "evidence": "x"}, "evidence"),
        ({"action": "opt_out", "evidence": "x" * 101}, "evidence"),
        ({"action": "erase", "evidence": "because"}, "action"),
    ],
)
def test_consent_without_evidence_is_refused_by_field(
    connected: Flask, said: dict[str, str], field: str
) -> None:
    text_in(connected)
    assert field in call(connected, "POST", f"{ONE}/consent", status=400, json=said)["details"]


def test_erasing_leaves_nothing_here_and_says_what_is_left_at_twilio(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    assert call(texting, "DELETE", ONE) == {"texts": 2, "chats": "not_asked", "contact": "nothing"}
    assert (list(messages(texting)), list(sessions(texting))) == ([], [])
    left = call(texting, "GET", LIST)["leftAtTwilio"]
    assert left == {"count": 2, "errorCode": None, "explanation": None, "action": None}
    assert call(texting, "GET", LIST, "member")["leftAtTwilio"] is None
    call(texting, "DELETE", ONE, status=404)
    assert audited(texting)[0] == "texter_erased"


def test_a_text_says_what_makes_it_expensive(connected: Flask) -> None:
    text_in(connected, "Tschüs — bis bald")
    (text,) = call(connected, "GET", f"{ONE}/messages")["data"]
    assert text["expense"] == {
        "encoding": "UCS-2",
        "characters": 17,
        "costly": [{"character": "—", "name": "U+2014 em dash", "times": 1}],
        "more": 0,
    }


def test_a_blocked_number_is_not_answered_until_it_is_unblocked(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    assert call(texting, "POST", f"{ONE}/block", json={})["blockedAt"] is not None
    text_in(texting, "Anybody there?")
    run_jobs(texting)
    assert len(outbound(texting)) == 1
    assert call(texting, "POST", f"{ONE}/unblock", json={})["blockedAt"] is None
    text_in(texting, "And now?")
    run_jobs(texting)
    assert len(outbound(texting)) == 2


def test_who_looked_like_a_machine_is_answered_again_once_woken(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    write(
        texting, SmsSession, SmsSession.id == 1, machine_at=db_now(), machine_evidence="It answers at once."
    )
    assert call(texting, "GET", ONE)["state"] == "machine"
    woken = call(texting, "POST", f"{ONE}/wake", json={})
    assert (woken["state"], woken["machineAt"]) == ("active", None)
    text_in(texting, "I am a person.")
    run_jobs(texting)
    assert len(outbound(texting)) == 2


def test_a_persons_text_is_listed_until_it_is_sent(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    assert (call(texting, "GET", ONE)["unsent"], call(texting, "GET", ONE)["mayNotSend"]) == ([], None)
    call(texting, "POST", f"{ONE}/messages", json={"text": "Here I am.", "key": "k1"})
    (waiting,) = call(texting, "GET", ONE)["unsent"]
    assert (waiting["text"], waiting["by"], waiting["refused"]) == ("Here I am.", "Ada Admin", None)
    run_jobs(texting)
    assert call(texting, "GET", ONE)["unsent"] == []


def test_a_persons_text_that_could_not_be_sent_says_why(texting: Flask) -> None:
    """The texter opts out before a worker comes to it."""
    text_in(texting)
    run_jobs(texting)
    call(texting, "POST", f"{ONE}/messages", json={"text": "Here I am.", "key": "k1"})
    text_in(texting, "STOP")
    run_jobs(texting)
    session = call(texting, "GET", ONE)
    (refused,) = session["unsent"]
    assert refused["refused"] == session["mayNotSend"] == SENTENCES[Refusal.OPTED_OUT]
