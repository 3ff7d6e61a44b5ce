"""A person takes a conversation over on the session's page, texts with a phone, and hands back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.e2e.visitor import Visitor, found_by_axe, load_until, unfold

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

OWN = "+15557650140"


def test_a_person_answers_and_hands_back_without_loading_the_page_again(
    visit: Callable[..., Visitor],
) -> None:
    phone = visit().phone(OWN, SUPPORT_NUMBER)
    phone.text("What are your opening hours?")
    phone.expect_answer("9 am to 6 pm")

    admin = visit()
    admin.sign_in()
    page = admin.open_session("ast_support", OWN)
    conversation = page.get_by_role("region", name="Conversation")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("status")).to_contain_text("You answer now")

    page.evaluate("window.stillHere = true")
    phone.text("Is anybody there?")
    expect(conversation.get_by_text("Is anybody there?")).to_be_visible()
    expect(conversation).to_contain_text("1 text waits for an answer")
    expect(phone.answers).to_have_count(1)
    assert page.evaluate("window.stillHere"), "the page was loaded again"

    box = page.get_by_label("Text as yourself")
    box.fill("Yes, I am. It’s open ✓")
    expect(page.locator("#sms-reply-length")).to_contain_text("22 characters, UCS-2, 1 segment.")
    box.fill("Yes, I am.")
    expect(page.locator("#sms-reply-length")).to_contain_text("10 characters, GSM-7, 1 segment.")
    page.get_by_role("button", name="Send", exact=True).click()
    phone.expect_answer("Yes, I am.", number=2)
    expect(conversation.get_by_text("✓✓ Delivered").nth(1)).to_be_visible()

    page.get_by_role("button", name="Hand back to the assistant").click()
    expect(page.get_by_role("status")).to_contain_text("The assistant answers again")
    phone.text("Where is your shop?")
    phone.expect_answer("12 Harbor Street", number=3)
    expect(conversation.get_by_text("12 Harbor Street")).to_be_visible()

    suggest(admin)
    try:
        phone.text("What are your opening hours?")
        page = admin.open_session("ast_support", OWN)
        load_until(page, lambda: expect(page.get_by_text("Suggested answer", exact=True)).to_be_visible())
        page.get_by_text("Edit it first").click()
        assert found_by_axe(page) == []
        page.get_by_role("button", name="Send suggestion").click()
        phone.expect_answer("9 am to 6 pm", number=4)

        phone.text("Do you have parking?")
        page.get_by_role("link", name="Open in the chat history").click()
        suggested = page.get_by_role("form", name="Suggested answer")
        load_until(page, lambda: expect(suggested).to_contain_text("free parking"))
        suggested.get_by_role("button", name="Send suggestion").click()
        expect(page.get_by_text("The suggestion is on its way.")).to_be_visible()
        phone.expect_answer("free parking", number=5)
    finally:
        suggest(admin)


def test_without_javascript_a_person_answers_by_loading_the_page(visit: Callable[..., Visitor]) -> None:
    own = "+15557650141"
    phone = visit().phone(own, SUPPORT_NUMBER)
    phone.text("Can I speak to a human?")
    phone.expect_answer("I'll get someone.")
    admin = visit(java_script_enabled=False)
    admin.sign_in()
    page = admin.open_session("ast_support", own)
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("A person should answer")
    page.get_by_label("Text as yourself").fill("See you at ten.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The text is on its way.")
    phone.expect_answer("See you at ten.", number=2)
    page.get_by_role("button", name="Hand back to the assistant").click()
    expect(page.get_by_role("status")).to_contain_text("The assistant answers again")


def suggest(admin: Visitor) -> None:
    """Turn Suggest answers on, or off."""
    page = admin.open("/sms/ast_support")
    unfold(page, "Options")
    page.get_by_label("Suggest answers").click()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")


def test_a_contact_who_agreed_is_texted_first_and_may_answer(visit: Callable[..., Visitor]) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/contacts/con_dana")
    page.get_by_label("Assistant that goes on from there").select_option("Acme Support")
    page.get_by_label("Text", exact=True).fill("Your repair is ready. What else may we do for you?")
    page.get_by_label("What the contact agreed to").fill("news of a repair")
    page.get_by_label("When").fill("2026-11-03")
    page.get_by_label("How", exact=True).fill("ticked on the form")
    page.get_by_role("button", name="Text this contact").click()
    phone = visit().phone("+15557650001", SUPPORT_NUMBER)
    phone.expect_answer("Your repair is ready.")
    phone.text("What are your opening hours?")
    phone.expect_answer("9 am to 6 pm", number=2)
    session = admin.open_session("ast_support", "+15557650001")
    expect(session.get_by_role("region", name="Consent")).to_contain_text("news of a repair")
