"""An admin connects an assistant to a number, with nothing but what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.twilio_simulator import seed
from tests.e2e.visitor import Visitor, found_by_axe, load_until, unfold

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

Visit = Callable[..., Visitor]
ACCOUNT_WORKS = "These credentials work."


def test_a_new_user_connects_the_sales_assistant_and_its_first_text_is_answered(visit: Visit) -> None:
    """From the card to the first answer: credentials, Test Credentials, Save, the webhook's button, a text."""
    admin = visit()
    page = admin.sign_in()
    page.get_by_role("link", name="Acme Sales").first.click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Channels").click()
    card = page.get_by_role("region", name="SMS")
    expect(card).to_contain_text("Not connected")
    card.get_by_role("link", name="Set up SMS").click()
    expect(page.get_by_role("heading", name="Let people text Acme Sales")).to_be_visible()
    assert found_by_axe(page) == []

    account_sid, auth_token = credentials_in_the_console(visit())
    page.get_by_label("Account SID").fill(account_sid)
    page.get_by_label("Auth Token", exact=True).fill("0" * 32)
    page.get_by_role("button", name="Test Credentials").click()
    result = page.locator("#sms-test-result")
    expect(result).to_contain_text("Texts cannot be answered with this.")

    page.get_by_label("Auth Token", exact=True).fill(auth_token)
    page.get_by_role("button", name="Test Credentials").click()
    page.get_by_role("button", name=f"Use {seed.SALES_NUMBER}").click()
    expect(page.get_by_label("Phone Number")).to_have_value(seed.SALES_NUMBER)
    page.get_by_role("button", name="Test Credentials").click()
    expect(result).to_contain_text(ACCOUNT_WORKS)
    expect(result).to_contain_text(seed.ACCOUNT_NAME)
    expect(result).to_contain_text(re.compile(r"The balance is \d+\.\d\d USD"))
    assert found_by_axe(page) == []
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("One step is left: set the webhook")

    page.wait_for_load_state()  # before the script is there, the link leads to a page of its own
    page.get_by_role("link", name="See where texts go now").click()
    now = page.locator("#sms-webhook-now")
    expect(now).to_contain_text(seed.WELCOME_URL)
    if now.get_by_label("Replace it").count():
        now.get_by_label("Replace it").check()
    now.get_by_role("button", name="Set the webhook").click()
    expect(now).to_contain_text("After")
    expect(now).to_contain_text("/api/sms/webhook/ast_sales")

    number = "+15557650201"
    phone = visit().phone(number, seed.SALES_NUMBER)
    phone.text("How much is the Acme Uno?")
    phone.expect_answer("$249")
    expect(page.locator("#sms-first-text")).to_contain_text("It works.", timeout=30_000)
    expect(page.locator("#sms-first-text")).to_contain_text("$249")
    expect(page.locator("#sms-badge")).to_have_text("On")
    expect(page.locator("#sms-sentence")).to_contain_text("The assistant answers texts")
    assert found_by_axe(page) == []

    page.reload()
    expect(page.get_by_role("region", name=seed.SALES_NUMBER)).to_contain_text("The assistant answers texts")
    expect(page.locator("#sessions")).to_contain_text(number)
    analytics = page.locator("#analytics")
    load_until(page, lambda: expect(analytics).to_contain_text("1 in · 1 out"))
    analytics.get_by_role("link", name="90 days").click()
    expect(analytics.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "true")
    expect(analytics).to_contain_text("1 in · 1 out")
    admin.open_session("ast_sales", number)
    texts = page.locator(".sms-text-row")
    expect(texts).to_have_count(2)
    expect(texts.nth(0)).to_contain_text("How much is the Acme Uno?")
    expect(texts.nth(1)).to_contain_text("$249")
    load_until(page, lambda: expect(texts.nth(1)).to_contain_text("Delivered"))
    page.get_by_role("link", name="Open in the chat history").click()
    expect(page.get_by_role("log", name="Messages")).to_contain_text("$249")


def credentials_in_the_console(visitor: Visitor) -> tuple[str, str]:
    """Account SID and Auth Token, where a newcomer finds them: on the phones page, instead of Twilio's console."""
    page = visitor.open_phones()
    page.get_by_role("tab", name="Console").click()
    account = page.locator("#accounts li").filter(has_text=seed.ACCOUNT_NAME).first
    expect(account.locator("code").first).to_be_visible()
    account_sid, auth_token = account.locator("code").all_inner_texts()[:2]
    return account_sid, auth_token


def test_the_keyboard_alone_is_enough_to_connect(visit: Visit) -> None:
    page = visit().sign_in("admin@globex.test")
    page.goto(page.url.split("/workspaces")[0] + "/sms/ast_globex")
    for label, value in (
        ("Account SID", seed.OTHER_ACCOUNT_SID),
        ("Auth Token", seed.OTHER_AUTH_TOKEN),
        ("Phone Number", seed.OTHER_NUMBER),
    ):
        press_tab_until(page, page.get_by_label(label, exact=True))
        page.keyboard.type(value)
    press_tab_until(page, page.get_by_role("button", name="Test Credentials"))
    page.keyboard.press("Enter")
    expect(page.locator("#sms-test-result")).to_contain_text(ACCOUNT_WORKS)
    press_tab_until(page, page.locator("#part-options > summary"))
    page.keyboard.press("Enter")
    press_tab_until(page, page.get_by_label("Contact Matching", exact=True))
    page.keyboard.press("Space")
    press_tab_until(page, page.locator("#settings .sms-button-primary"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Connected.")
    expect(page.get_by_label("Contact Matching", exact=True)).to_be_checked()

    press_tab_until(page, page.get_by_role("link", name="See where texts go now"))
    page.keyboard.press("Enter")
    set_it = page.get_by_role("button", name="Set the webhook")
    set_it.wait_for()
    press_tab_until(page, set_it)
    page.keyboard.press("Enter")
    expect(page.locator("#sms-webhook-now")).to_contain_text("/api/sms/webhook/ast_globex")
    expect(page.locator("#sms-webhook-now")).to_contain_text("After")
    expect(page.locator("#sms-webhook-now [data-sms-focus]")).to_be_focused()


def test_without_javascript_the_same_form_is_tested_and_saved_and_the_webhook_looked_at(visit: Visit) -> None:
    admin = visit(java_script_enabled=False)
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    unfold(page, "Your Twilio account")
    page.get_by_label("Account SID").fill(seed.ACCOUNT_SID)
    page.get_by_label("Auth Token", exact=True).fill(seed.AUTH_TOKEN)
    page.get_by_label("Phone Number").fill(seed.SUPPORT_NUMBER)
    page.get_by_role("button", name="Test Credentials").click()
    expect(page.locator("#sms-test-result")).to_contain_text(ACCOUNT_WORKS)

    page.get_by_label("Auth Token", exact=True).fill(seed.AUTH_TOKEN)
    unfold(page, "Options")
    page.get_by_label("Max Message Length").fill("306")
    save(page)
    expect(page.get_by_role("status").first).to_have_text("Saved.")
    expect(page.get_by_label("Max Message Length")).to_have_value("306")
    expect(page.get_by_label("Account SID")).to_have_value(seed.ACCOUNT_SID)

    page.get_by_role("link", name="See where texts go now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where texts go")
    expect(page.locator("#sms-webhook-now")).to_contain_text("/api/sms/webhook/ast_support")


def save(page: Page) -> None:
    """Press the Save button that one sees."""
    page.locator("#settings .sms-button-primary").click()


def press_tab_until(page: Page, target: Locator, *, at_most: int = 80) -> None:
    """Move the focus forward until ``target`` has it; whoever cannot see a mouse pointer does the same."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} does not get the focus by {at_most} presses of Tab")
