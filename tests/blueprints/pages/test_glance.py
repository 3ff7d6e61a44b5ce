"""The first card of the SMS page: how today goes, what the month costs, and who texted last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.exc import OperationalError

from illumichat_sms_plugin.blueprints.pages import channel, panels
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from tests.support.channels import change, run_jobs, write
from tests.support.counting import asked_of
from tests.support.memory_host import ACME, MemoryHost
from tests.support.twilio_requests import TEXTER, text_in
from tests.support.visitors import visit

PAGE = "/sms/ast_support"
OTHER = "+15557650199"


def first_card(app: Flask, name: str = "admin") -> Any:
    return BeautifulSoup(visit(app, name).get(PAGE).text, "html.parser").select_one("#state")


def words(element: Any) -> str:
    return " ".join(element.get_text(" ").split())


def figures(card: Any) -> dict[str, str]:
    return {
        figure.select_one("dt").text: figure.select_one(".sms-figure-value").text
        for figure in card.select(".sms-figure")
    }


def test_a_channel_without_texts_has_no_figures(connected: Flask) -> None:
    assert not first_card(connected).select(".sms-figure, .sms-conversations")


def test_a_member_of_a_channel_without_texts_has_no_empty_card(connected: Flask) -> None:
    assert first_card(connected, "member") is None


def test_it_counts_today_and_the_month(texting: Flask) -> None:
    text_in(texting, "When do you open?")
    run_jobs(texting)
    text_in(texting, "STOP", From=OTHER)
    write(texting, SmsMessage, SmsMessage.id == 2, status="undelivered", error_code=30003)
    card = first_card(texting)
    assert figures(card) | {"Cost this month": ""} == {
        "Answered today": "1",
        "Not answered today": "1",
        "Failed today": "1",
        "Waiting for a person": "0",
        "Cost this month": "",
    }
    assert "0.0249" in figures(card)["Cost this month"], "three segments at the list price"
    assert "of 2 texts in" in words(card)


def test_it_shows_the_last_text_of_each_conversation(texting: Flask) -> None:
    text_in(texting, "When do\nyou open?")
    run_jobs(texting)
    text_in(texting, "Liked “See you then”", From=OTHER)
    newest, older = first_card(texting).select(".sms-conversations li")
    assert OTHER in words(newest)
    assert "Liked “See you then”" in words(newest)
    assert TEXTER in words(older)
    assert "Answer: " in words(older)


def test_it_counts_who_waits_for_a_person(texting: Flask) -> None:
    """A session that a person shall answer, and one with a text that waits for a decision."""
    for phone in (TEXTER, OTHER, "+15557650200"):
        text_in(texting, "hello", From=phone)
    run_jobs(texting)
    write(texting, SmsSession, SmsSession.phone_number == TEXTER, person_since=datetime.now(UTC))
    answer = SmsMessage.to_number == OTHER
    write(texting, SmsMessage, answer, send_state="unsettled")
    card = first_card(texting)
    assert figures(card)["Waiting for a person"] == "2"
    links = {link.text: link["href"] for link in card.select(".sms-figure a")}
    assert links["1 for an answer"].endswith("/sessions?show=person")
    assert links["1 for a decision"].endswith("/sessions?show=decision")


def test_whoever_wants_no_texts_waits_for_nobody(texting: Flask) -> None:
    text_in(texting, "hello")
    run_jobs(texting)
    now = datetime.now(UTC)
    write(texting, SmsSession, SmsSession.phone_number == TEXTER, person_since=now, opted_out_at=now)
    assert figures(first_card(texting))["Waiting for a person"] == "0"


def test_the_cost_of_the_month_stands_beside_its_limit(texting: Flask) -> None:
    text_in(texting, "hello")
    run_jobs(texting)
    change(texting, money_per_month="50")
    [cost] = [figure for figure in first_card(texting).select(".sms-figure") if "this month" in figure.text]
    assert "limit 50.00 USD" in words(cost)


def test_a_member_sees_masked_numbers(texting: Flask) -> None:
    text_in(texting, "When do you open?")
    card = first_card(texting, "member")
    assert words(card.h2) == "Today"
    assert TEXTER not in words(card)
    assert "When do you open?" in words(card)


def test_what_strangers_wrote_is_text_with_its_invisible_characters_shown(texting: Flask) -> None:
    text_in(texting, "<b>\u202egnp.exe")
    shown = first_card(texting).select_one(".sms-conversations-text bdi")
    assert shown.text == "<b>⟨U+202E⟩gnp.exe"


def test_it_is_counted_as_the_analytics_count(texting: Flask) -> None:
    for number in range(3):
        text_in(texting, "hello", From=f"+1555765010{number}")
    run_jobs(texting)
    page = BeautifulSoup(visit(texting).get(PAGE).text, "html.parser")
    cost = {
        figure.dt.text: figure.select_one(".sms-figure-value").text for figure in page.select(".sms-figure")
    }
    assert cost["Cost this month"] == cost["Estimated Cost"]


def test_the_top_is_sent_before_the_analytics_are_read(
    texting: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what cannot be read then says so in its place."""
    reads: list[str] = []

    def fail(reading: object) -> None:
        reads.append("analytics")
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(
        channel, "BELOW_THE_FORM", (("analytics/_panel.html", fail), *panels.BELOW_THE_FORM[1:])
    )
    answer = visit(texting).get(PAGE, buffered=False)
    pieces = iter(answer.response)
    top = next(pieces).decode()
    assert "sms-top-title" in top
    assert reads == []
    rest = b"".join(pieces).decode()
    assert reads == ["analytics"]
    assert "What belongs here could not be read. Load the page again." in rest
    assert "sms-sessions" in rest
    assert rest.rstrip().endswith("</html>")


def test_the_parts_of_the_page_share_what_they_read(texting: Flask, host: MemoryHost) -> None:
    """The settings, the newest sessions and the last days are shown by several of them."""
    # It is noon there: in a day's first hours two days are counted from the texts themselves.
    noon = replace(ACME, timezone=f"Etc/GMT{datetime.now(UTC).hour - 12:+d}")
    host.assistants.known["ast_support"] = Assistant("ast_support", "Acme Support", noon)
    visitor = visit(texting)
    visitor.get(PAGE)  # brings the counted days up to date
    with texting.app_context():
        engine = texting.extensions["sqlalchemy"].engine
    with asked_of(engine) as asked:
        assert visitor.get(PAGE).status_code == 200
    assert len(asked.statements) <= 34
