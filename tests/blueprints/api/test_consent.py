"""The consent ledger leaves the plugin whole: for owners and admins, by day, page by page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsConsentEvent
from illumichat_sms_plugin.services.texters import ledger
from tests.support.channels import write
from tests.support.twilio_requests import TEXTER, new_sid, text_in
from tests.support.visitors import visit

API = "/api/sms/config/ast_support/consent"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def spoken(connected: Flask) -> Flask:
    """One number opted out and in, another was opted out by an admin."""
    sids = [new_sid(), new_sid(), new_sid()]
    text_in(connected, "Please stop texting me", MessageSid=sids[0])
    text_in(connected, "START", MessageSid=sids[1])
    text_in(connected, "Hello", From="+15557654399", MessageSid=sids[2])
    evidence = {"action": "opt_out", "evidence": "=asked by e-mail: today"}
    found = visit(connected).get("/api/sms/sessions/ast_support").json["data"]
    other = next(session["id"] for session in found if session["phoneNumber"] != TEXTER)
    assert (
        visit(connected).post(f"/api/sms/sessions/ast_support/{other}/consent", json=evidence).status_code
        < 300
    )
    connected.sids = sids  # type: ignore[attr-defined]
    return connected


def read(app: Flask, query: str = "") -> Any:
    answer = visit(app).get(f"{API}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_it_says_who_what_when_by_what_and_the_evidence(spoken: Flask) -> None:
    out, back, by_admin = read(spoken)["data"]
    sids = spoken.sids  # type: ignore[attr-defined]
    shown = ("phoneNumber", "action", "source", "by", "evidence")
    assert [tuple(entry[name] for name in shown) for entry in (out, back, by_admin)] == [
        (TEXTER, "opt_out", "text", sids[0], "Please stop texting me"),
        (TEXTER, "opt_in", "text", sids[1], "START"),
        ("+15557654399", "opt_out", "admin", "Ada Admin", "=asked by e-mail: today"),
    ]
    assert datetime.fromisoformat(out["at"]).tzinfo is not None


def test_the_table_has_the_same_and_nothing_that_a_spreadsheet_would_run(spoken: Flask) -> None:
    answer = visit(spoken).get(f"{API}.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sms-ast_support-consent.csv"'
    heading, *rows = csv.reader(io.StringIO(answer.text))
    assert heading == ["Phone number", "Action", "Time (UTC)", "Source", "By", "Evidence"]
    assert [row[0] for row in rows] == [f"'{TEXTER}", f"'{TEXTER}", "'+15557654399"]
    assert rows[2][5] == "'=asked by e-mail: today"


def test_days_are_the_workspaces(spoken: Flask) -> None:
    """Acme lives in New York: at 3 in the morning UTC it is still yesterday there."""
    at = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)
    write(spoken, SmsConsentEvent, SmsConsentEvent.action == "opt_in", created_at=at)
    for query, count in (
        ("?from=2026-07-01&to=2026-07-01", 1),
        ("?from=2026-07-02&to=2026-07-02", 0),
        ("?to=2026-07-01", 1),
        ("?from=2026-07-02", 2),
        ("?from=&to=", 3),
    ):
        assert len(read(spoken, query)["data"]) == count, query
        table = visit(spoken).get(f"{API}.csv{query}").text
        assert len(table.splitlines()) == 1 + count


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-7-1",
        "from=2026-02-30",
        "from=2026-07-02&to=2026-07-01",
        "to=9999-12-31",
        "days=7",
    ],
)
def test_what_is_no_day_is_refused_with_a_sentence(connected: Flask, query: str) -> None:
    for url in (API, f"{API}.csv"):
        answer = visit(connected).get(f"{url}?{query}")
        assert (answer.status_code, answer.json["code"]) == (400, "bad_request:api")


def test_pages_follow_each_other_and_the_table_reads_so_many_at_once(
    spoken: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(spoken, "?limit=2")
    second = read(spoken, f"?limit=2&cursor={first['nextCursor']}")
    assert (len(first["data"]), len(second["data"]), second["nextCursor"]) == (2, 1, None)
    monkeypatch.setattr(ledger.read_page, "__kwdefaults__", {"after": 0, "limit": 1})
    monkeypatch.setattr(ledger, "PAGE", 1)
    assert len(visit(spoken).get(f"{API}.csv").text.splitlines()) == 4


def test_an_assistant_without_a_channel_has_an_empty_one(app: Flask) -> None:
    assert read(app) == {"data": [], "nextCursor": None}
    assert len(visit(app).get(f"{API}.csv").text.splitlines()) == 1


def test_the_page_of_sessions_leads_to_it_for_who_may(connected: Flask) -> None:
    assert f'action="{API}.csv"' in visit(connected).get("/sms/ast_support/sessions").text
    assert "consent.csv" not in visit(connected, "member").get("/sms/ast_support/sessions").text
