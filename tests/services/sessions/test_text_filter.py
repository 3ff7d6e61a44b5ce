"""From a figure to its texts: the sessions whose texts failed, or got no answer for a reason, on a day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.models import SmsMessage, SmsSession
from tests.support.channels import outbound, run_jobs, write
from tests.support.twilio_requests import TEXTER, status_in, text_in
from tests.support.visitors import visit

FILTERED, UNREACHED, BLOCKED = "+15557650011", "+15557650012", "+15557650013"
LIST = "/sms/ast_support/sessions"


@pytest.fixture
def lived(texting: Flask, twilio: Any) -> Flask:
    """One delivered, two failed in different ways, one that was only a reaction."""
    for number in (TEXTER, FILTERED, UNREACHED):
        text_in(texting, f"Hello from {number}", From=number)
        run_jobs(texting)
    text_in(texting, "Liked “See you”", From=BLOCKED)
    for message, code in zip(outbound(texting), ("", "30007", "30003"), strict=True):
        status = {"ErrorCode": code} if code else {}
        status_in(texting, message.message_sid, "undelivered" if code else "delivered", **status)
    return texting


def listed(app: Flask, query: str) -> set[str]:
    found = visit(app).get(f"/api/sms/sessions/ast_support?{query}").json
    assert isinstance(found, dict), found
    page = BeautifulSoup(visit(app).get(f"{LIST}?{query}").text, "html.parser")
    shown = {link.text for link in page.select(".sms-sessions-table th a")}
    assert shown == {session["phoneNumber"] for session in found["data"]}
    return shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("show=failed", {FILTERED, UNREACHED}),
        ("show=failed&code=30007", {FILTERED}),
        ("show=failed&code=0", set()),
        ("show=failed&day=2020-01-01", {FILTERED, UNREACHED}),  # before all that is shown: no day
        ("show=failed&day=2099-01-01", {FILTERED, UNREACHED}),  # has not begun: no day
        ("show=failed&day=9999-12-31", {FILTERED, UNREACHED}),
        ("show=failed&day=0001-01-01", {FILTERED, UNREACHED}),
        ("show=failed&days=7&q=0012", {UNREACHED}),
        ("show=unanswered", {BLOCKED}),
        ("show=unanswered&reason=reaction", {BLOCKED}),
        ("show=unanswered&reason=paused", set()),
        ("show=waiting", set()),
        ("show=billed", {TEXTER, FILTERED, UNREACHED, BLOCKED}),
        ("show=billed&days=1", {TEXTER, FILTERED, UNREACHED, BLOCKED}),
        ("show=billed&q=0013", {BLOCKED}),
        ("show=machine", set()),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_sessions_of_a_figure(lived: Flask, query: str, expected: set[str]) -> None:
    assert listed(lived, query) == expected


@pytest.mark.parametrize("day", ["2020-03-03", "9999-12-31"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_names_only_a_day_that_it_shows(texting: Flask, day: str) -> None:
    page = visit(texting).get(f"{LIST}?show=failed&days=7&day={day}").text
    assert "in the last 7 days" in page


def test_figures_lead_to_their_sessions(lived: Flask) -> None:
    page = BeautifulSoup(visit(lived).get("/sms/ast_support/analytics?days=7").text, "html.parser")
    links = [link["href"] for link in page.select(f"a[href^='{LIST}?']")]
    for expected, found in (
        ("show=failed&days=7", {FILTERED, UNREACHED}),
        ("show=failed&days=7&code=30007", {FILTERED}),
        ("show=unanswered&days=7&reason=reaction", {BLOCKED}),
        ("show=billed&days=7", {TEXTER, FILTERED, UNREACHED, BLOCKED}),
    ):
        assert f"{LIST}?{expected}" in links
        assert listed(lived, expected) == found
    days = [link for link in links if "day=" in link]
    assert listed(lived, days[0].partition("?")[2]) == {FILTERED, UNREACHED}
    assert "in the last 7 days" in visit(lived).get(links[0]).text
    assert "Few texts are delivered" not in page.text, "three say nothing"


def test_what_an_address_says_wrongly_is_not_said(lived: Flask) -> None:
    wrong = "show=failed&code=x&reason=nothing&day=2026-99-99&days=91"
    page = BeautifulSoup(visit(lived).get(f"{LIST}?{wrong}").text, "html.parser")
    assert len(page.select(".sms-sessions-table th a")) == 2
    for bad in wrong.split("&")[1:]:
        assert visit(lived).get(f"/api/sms/sessions/ast_support?{bad}").status_code == 400


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_never_left_twilio_is_not_billed_unless_it_has_a_price(lived: Flask) -> None:
    blocked = SmsSession.phone_number == BLOCKED
    only_text = SmsMessage.session_id.in_(select(SmsSession.id).where(blocked))
    refused = {"direction": "outbound", "send_state": "accepted", "status": "failed", "no_reply_reason": None}
    write(lived, SmsMessage, only_text, **refused)
    assert BLOCKED not in listed(lived, "show=billed")
    write(lived, SmsMessage, only_text, price=Decimal("0.001"), price_unit="USD")
    assert BLOCKED in listed(lived, "show=billed")


def test_figures_of_the_day_lead_to_their_sessions(lived: Flask) -> None:
    card = BeautifulSoup(visit(lived).get("/sms/ast_support").text, "html.parser").select_one("#state")
    assert card is not None
    links = {str(link["href"]).partition("?")[2] for link in card.select(f".sms-figure a[href^='{LIST}?']")}
    billed = next(link for link in links if link.startswith("show=billed"))
    assert links == {"show=unanswered&days=1", "show=failed&days=1", billed}
    assert listed(lived, "show=unanswered&days=1") == {BLOCKED}
    assert listed(lived, "show=failed&days=1") == {FILTERED, UNREACHED}
    assert listed(lived, billed) == {TEXTER, FILTERED, UNREACHED, BLOCKED}
    assert "got no answer: today." in visit(lived).get(f"{LIST}?show=unanswered&days=1").text
