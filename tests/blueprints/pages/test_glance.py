"""The first card of the SMS page: how today goes, what the month costs, and who texted last."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from tests.support.channels import run_jobs, write
from tests.support.counting import asked_of
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


def test_the_parts_of_the_page_share_what_they_read(texting: Flask) -> None:
    """The settings, the newest sessions and the last days are shown by several of them."""
    visitor = visit(texting)
    visitor.get(PAGE)  # brings the counted days up to date
    with texting.app_context():
        engine = texting.extensions["sqlalchemy"].engine
    with asked_of(engine) as asked:
        assert visitor.get(PAGE).status_code == 200
    assert len(asked.statements) <= 33
