"""The walk from an assistant's card to the answer of its first text, with pictures for docs/connect.md."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo.twilio_simulator import seed

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from demo.photographer import Photographer

WINDOW = {"width": 1280, "height": 900}
CARD = "/assistants/ast_sales/settings/channels"
TEXTER = seed.PHONES[1]


def walk(photographer: Photographer) -> float:
    """Connect Acme Sales as a newcomer would, taking a picture of each step; returns the seconds it took."""
    page = photographer.open(CARD, size=WINDOW)
    begun = time.monotonic()
    page.get_by_role("link", name="Set up SMS").click()
    page.get_by_role("heading", name="Let people text Acme Sales").wait_for()
    page.wait_for_load_state()  # before the script is there, a button loads the page anew
    page.get_by_label("Account SID").fill(seed.ACCOUNT_SID)
    page.get_by_label("Auth Token", exact=True).fill(seed.AUTH_TOKEN)
    page.get_by_role("button", name="Test Credentials").click()
    use_it = page.get_by_role("button", name=f"Use {seed.SALES_NUMBER}")
    use_it.wait_for()
    photographer.picture(page, "connect-1-credentials", at="#auth_token")
    use_it.click()
    page.locator("#settings .sms-button-primary").click()
    page.get_by_text("One step is left: set the webhook").wait_for()
    page.wait_for_load_state()
    page.get_by_role("link", name="See where texts go now").click()
    now = page.locator("#sms-webhook-now")
    now.get_by_role("button", name="Set the webhook").wait_for()
    photographer.picture(page, "connect-2-webhook", at="#webhook")
    if now.get_by_label("Replace it").count():
        now.get_by_label("Replace it").check()
    now.get_by_role("button", name="Set the webhook").click()
    now.get_by_text("After").first.wait_for()
    page.locator("#sms-first-text [data-done]").first.wait_for()
    photographer.picture(page, "connect-3-waiting", at="#sms-first-text")
    _text_it(photographer)
    page.get_by_text("It works.").wait_for()
    seconds = time.monotonic() - begun
    photographer.picture(page, "connect-4-answered", at="#sms-first-text")
    page.context.close()
    return seconds


def _text_it(photographer: Photographer) -> None:
    phones: Page = photographer.open_phones()
    phone = phones.get_by_role("article", name=f"Phone {TEXTER}")
    phone.get_by_label("Text to").select_option(seed.SALES_NUMBER)
    phone.get_by_label("Message", exact=True).fill("How much is the Acme Uno?")
    phone.get_by_role("button", name="Send").click()
    phone.locator(".conversation .theirs").first.wait_for()
    phones.context.close()
