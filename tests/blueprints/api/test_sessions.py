"""Sessions and texts as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.channels import messages, outbound, run_jobs
from tests.support.twilio_requests import TEXTER, status_in, text_in
from tests.support.visitors import visit

LIST = "/api/sms/sessions/ast_support"
TEXTS = f"{LIST}/1/messages"


def get(app: Flask, url: str, visitor: str = "admin", status: int = 200) -> Any:
    answer = visit(app, visitor).get(url)
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_session(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    body = get(texting, LIST)
    (session,) = body["data"]
    assert {
        "total": 1,
        "totalIsExact": True,
        "limit": 25,
        "offset": 0,
        "nextCursor": None,
    }.items() <= body.items()
    assert session.pop("firstTextAt").endswith("Z")
    assert session.pop("lastTextAt").endswith("Z")
    assert session == {
        "id": "1",
        "phoneNumber": TEXTER,
        "contact": None,
        "chatId": "conv_1",
        "chatUrl": "/chats/conv_1",
        "inbound": 1,
        "outbound": 1,
        "state": "active",
        "optedOutAt": None,
        "blockedAt": None,
        "machineAt": None,
        "machineEvidence": None,
        "personSince": None,
        "personBy": None,
        "personWhy": None,
        "waitingForPerson": 0,
        "suggestedAt": None,
    }


def test_a_member_gets_masked_numbers_and_cannot_search_for_digits(connected: Flask) -> None:
    text_in(connected)
    assert get(connected, LIST, "member")["data"][0]["phoneNumber"] == "+1555•••4321"
    assert get(connected, f"{LIST}?q=7654321", "member")["total"] == 0
    assert get(connected, f"{LIST}?q=7654321")["total"] == 1
    assert TEXTER not in str(get(connected, TEXTS, "member"))


def test_limit_and_offset(connected: Flask) -> None:
    for n in range(3):
        text_in(connected, From=f"+1555765000{n}")
    body = get(connected, f"{LIST}?limit=2&offset=2")
    assert (len(body["data"]), body["total"], body["limit"], body["offset"]) == (1, 3, 2, 2)


def test_a_cursor_leads_to_the_end_of_the_list(connected: Flask) -> None:
    for n in range(5):
        text_in(connected, From=f"+1555765000{n}")
    seen, cursor = [], ""
    while cursor is not None:
        body = get(connected, f"{LIST}?limit=2{cursor and '&cursor='}{cursor}")
        seen += [session["id"] for session in body["data"]]
        cursor = body["nextCursor"]
    assert seen == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1.0",
        "offset=-1",
        "offset=10001",
        "cursor=",
        "cursor=1",
        "cursor=1-0",
        "limit=1&limit=2",
        "q=" + "x" * 101,
        "colour=red",
    ],
)
def test_odd_queries_are_refused_by_field(connected: Flask, query: str) -> None:
    body = get(connected, f"{LIST}?{query}", status=400)
    assert body["code"] == "bad_request:api"
    assert query.split("=", maxsplit=1)[0] in body["details"]


def test_texts_by_cursor(connected: Flask) -> None:
    for n in range(3):
        text_in(connected, f"text {n}")
    first = get(connected, f"{TEXTS}?limit=2")
    assert [text["body"] for text in first["data"]] == ["text 2", "text 1"]
    second = get(connected, f"{TEXTS}?limit=2&cursor={first['nextCursor']}")
    assert ([text["body"] for text in second["data"]], second["nextCursor"]) == (["text 0"], None)


def test_an_outbound_text_says_what_happened(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "undelivered", ErrorCode="30007")
    answer, question = get(texting, TEXTS)["data"]
    assert (question["direction"], question["state"], question["explanation"]) == (
        "inbound",
        "Answered",
        None,
    )
    assert (answer["sendState"], answer["status"], answer["errorCode"]) == ("accepted", "undelivered", 30007)
    assert "30007" in answer["explanation"]
    assert answer["events"][-1]["errorCode"] == 30007
    assert answer["price"] is None


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "1.5", "9" * 19, ""])
def test_odd_cursors_are_refused(connected: Flask, cursor: str) -> None:
    text_in(connected)
    assert "cursor" in get(connected, f"{TEXTS}?cursor={cursor}", status=400)["details"]


@pytest.mark.parametrize("session", ["2", "0", "x", "-1", "9" * 30, "%00"])
def test_a_session_that_is_not_there(connected: Flask, session: str) -> None:
    text_in(connected)
    assert get(connected, f"{LIST}/{session}/messages", status=404)["code"] == "not_found:api"


def test_what_strangers_write_is_given_as_it_is(connected: Flask) -> None:
    text_in(connected, "<b>\u202e{{7*7}}")
    assert get(connected, TEXTS)["data"][0]["body"] == "<b>\u202e{{7*7}}"
    assert len(messages(connected)) == 1
