"""The first minutes of a newcomer: text the assistant, get a right answer, and find it in the chat history."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.e2e.visitor import Visitor, load_until, unfold

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

QUESTION = "What are your opening hours?"
HOURS = "9 am to 6 pm"
TWILIOS_STOP = "unsubscribed"


def test_a_question_by_text_is_answered_rightly_and_the_chat_history_shows_both(
    visit: Callable[..., Visitor],
) -> None:
    texter = visit()
    phone = texter.phone("+15557650101", SUPPORT_NUMBER)
    phone.element.get_by_role("button", name=QUESTION).click()
    phone.expect_answer(HOURS)
    expect(phone.element.locator(".conversation .mine .status")).to_contain_text("Received by the app")

    page = visit().sign_in()
    page.get_by_role("navigation", name="Workspace").get_by_role("link", name="Chats").click()
    page.locator(".row").filter(has_text="0101").click()
    messages = page.get_by_role("log", name="Messages").get_by_role("article")
    load_until(page, lambda: expect(messages).to_have_count(2))
    expect(messages.nth(0)).to_contain_text(QUESTION)
    expect(messages.nth(1)).to_contain_text(HOURS)
    expect(messages.nth(1)).to_contain_text("Acme Support")


def test_stop_silences_the_assistant_and_start_brings_it_back(visit: Callable[..., Visitor]) -> None:
    phone = visit().phone("+15557650102", SUPPORT_NUMBER)
    phone.text(QUESTION)
    phone.expect_answer(HOURS)

    phone.text("STOP")
    expect(phone.by_twilio).to_contain_text(TWILIOS_STOP)
    phone.text("And where may I park?")
    phone.text("START")
    expect(phone.by_twilio).to_have_count(2)

    phone.text("Where is your shop?")
    # Answers of one number keep their order: had the text in between been answered, that would come second.
    phone.expect_answer("12 Harbor Street", number=2)
    expect(phone.answers).to_have_count(2)


def test_a_plain_wish_is_confirmed_on_the_phone_once(visit: Callable[..., Visitor]) -> None:
    phone = visit().phone("+15557650105", SUPPORT_NUMBER)
    phone.text("Please stop texting me")
    phone.expect_answer("You will get no more texts from this number.")
    phone.text("What are your opening hours?")
    phone.text("START")
    phone.text(QUESTION)
    phone.expect_answer(HOURS, number=2)
    expect(phone.answers).to_have_count(2)


def test_an_unclear_wish_is_clarified_on_the_phone_and_the_next_text_decides(
    visit: Callable[..., Visitor],
) -> None:
    phone = visit().phone("+15557650106", SUPPORT_NUMBER)
    phone.text("stop the reminders")
    phone.expect_answer("If you want no more texts from us, reply STOP.")
    phone.text(QUESTION)
    phone.expect_answer(HOURS, number=2)

    visitor = visit()
    page = visitor.sign_in()
    visitor.open_session("ast_support", "+15557650106")
    texts = page.locator(".sms-text-row")
    expect(texts.filter(has_text="Perhaps an opt-out")).to_contain_text("en: stop what is sent")
    expect(texts.filter(has_text="Clarifying text")).to_have_count(1)


def test_a_second_phone_number_is_another_session_with_a_chat_of_its_own(
    visit: Callable[..., Visitor],
) -> None:
    texter = visit()
    for number, words in (("+15557650103", "How much is express shipping?"), ("+15557650104", QUESTION)):
        phone = texter.phone(number, SUPPORT_NUMBER)
        phone.text(words)
        expect(phone.answers).to_have_count(1)

    page = visit().sign_in()
    for ending, words, answer, foreign in (
        ("0103", "How much is express shipping?", "$14.95", HOURS),
        ("0104", QUESTION, HOURS, "$14.95"),
    ):
        page.get_by_role("navigation", name="Workspace").get_by_role("link", name="Chats").click()
        page.locator(".row").filter(has_text=ending).click()
        log = page.get_by_role("log", name="Messages")
        expect(log).to_contain_text(words)
        load_until(page, functools.partial(expect(log).to_contain_text, answer))
        expect(log).not_to_contain_text(foreign)

    page.goto(page.url.split("/chats")[0] + "/sms/ast_support/sessions")
    for number in ("+15557650103", "+15557650104"):
        link = page.get_by_role("link", name=re.compile(re.escape(number[-4:])))
        expect(link).to_have_count(1)


def test_a_cut_answer_offers_more_on_the_phone_and_the_session_shows_what_was_cut(
    visit: Callable[..., Visitor],
) -> None:
    admin = visit()
    admin.sign_in()
    shorten(admin, "130")  # 45 of them for the introduction of the first answer
    try:
        phone = visit().phone("+15557650107", SUPPORT_NUMBER)
        phone.text(QUESTION)
        phone.expect_answer("Reply MORE for the rest.")
        phone.text("MORE")
        phone.expect_answer("On Saturday we are open", number=2)
    finally:
        shorten(admin, "1600")
    page = admin.open_session("ast_support", "+15557650107")
    load_until(page, lambda: expect(page.get_by_text("sent on MORE")).to_have_count(1))
    page.get_by_role("link", name="Open in the chat history").click()
    expect(page.get_by_text("longer than Max Message Length").first).to_be_visible()


def shorten(admin: Visitor, length: str) -> None:
    """Set Max Message Length as an admin does."""
    page = admin.open("/sms/ast_support")
    unfold(page, "Options")
    page.get_by_label("Max Message Length").fill(length)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")
