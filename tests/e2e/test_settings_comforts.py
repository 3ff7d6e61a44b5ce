"""What the settings form does for those who have JavaScript: count, copy, put back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.visitor import Visitor, unfold

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

Visit = Callable[..., Visitor]


def test_the_length_is_counted_in_segments_while_one_types_and_as_the_server_counts_it(visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    unfold(page, "Options")
    said = page.locator("#max_message_length-meaning")
    for length, words in (
        ("160", "160 characters is up to 1 segment, or up to 3 when"),
        ("306", "306 characters is up to 2 segments, or up to 5 when"),
        ("1600", "1600 characters is up to 11 segments, or up to 24 when"),
    ):
        page.get_by_label("Max Message Length").fill(length)
        expect(said).to_contain_text(words)
    by_script = said.text_content()
    page.get_by_label("Max Message Length").fill("49")
    expect(said).to_have_text("Too short: choose at least 50 characters.")
    page.get_by_label("Max Message Length").fill("1600")
    page.locator("#settings .sms-button-primary").click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")
    assert said.text_content() == by_script


def test_the_webhook_url_is_copied_whole(visit: Visit) -> None:
    admin = visit(permissions=["clipboard-read", "clipboard-write"])
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    page.get_by_role("button", name="Copy the Inbound Webhook URL").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{admin.demo.host}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt"
    expect(page.get_by_role("button", name="Copy the Inbound Webhook URL")).to_be_visible()
    assert page.locator("[data-sms-copy=inbound-url] .sms-visually-hidden").count() == 1


def test_the_usual_guidelines_come_back_at_a_press(visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    unfold(page, "Wording")
    field = page.get_by_label("SMS guidelines for the assistant")
    usual = field.input_value()
    field.fill("Something else.")
    page.get_by_role("button", name="Back to the usual text of SMS guidelines for the assistant").click()
    expect(field).to_have_value(usual)


def test_a_wrong_value_that_was_folded_away_is_unfolded_again(visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    unfold(page, "Options")
    page.get_by_label("Max Message Length").fill("9")
    unfold(page, "Options")
    expect(page.get_by_label("Max Message Length")).to_be_hidden()
    page.locator("#settings .sms-button-primary").click()
    expect(page.get_by_label("Max Message Length")).to_be_focused()


def test_the_menu_leads_to_the_parts_of_the_page_and_stays_in_view(visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    menu = page.get_by_role("navigation", name="On this page")
    for link, heading in (
        ("Webhook", "Webhook Setup"),
        ("Analytics", "SMS Analytics"),
        ("Sessions", "Sessions"),
    ):
        menu.get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_in_viewport()
        expect(menu).to_be_in_viewport()
