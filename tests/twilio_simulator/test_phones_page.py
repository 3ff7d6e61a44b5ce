"""The phones in a real browser: text, see what comes of it, set faults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.browser import MISSING, chromium, find_chromium
from demo.twilio_simulator import Simulator, seed
from tests.twilio_simulator.receiver import Answer, Receiver

CHROMIUM = find_chromium()
OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]

in_browser = pytest.mark.browser
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert CHROMIUM
    with chromium(CHROMIUM) as running:
        yield running


@pytest.fixture
def page(browser: Any, twilio: Simulator, app: Receiver) -> Iterator[Any]:
    """The phones page with one phone on it; any complaint of the browser fails the test."""
    complaints: list[str] = []
    tab = browser.new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.set_default_timeout(10_000)
    tab.goto(twilio.url)
    tab.locator(".their-number option").first.wait_for(state="attached")
    yield tab
    tab.close()
    assert complaints == []


def test_the_page_allows_no_foreign_or_inline_code(twilio: Simulator) -> None:
    response = requests.get(twilio.url, timeout=5)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", response.text)
    assert not re.search(r'(src|href)="(https?:)?//', response.text)


def test_the_feed_is_short_when_nothing_has_changed(twilio: Simulator) -> None:
    version = requests.get(f"{twilio.url}/_sim/feed", timeout=5).json()["version"]
    again = requests.get(f"{twilio.url}/_sim/feed", params={"version": version}, timeout=5)
    assert again.json() == {"version": version}


@in_browser
@needs_chromium
def test_a_suggestion_is_texted_and_the_answer_appears_with_its_status(page: Any, app: Receiver) -> None:
    app.answer(Answer(body=b"<Response><Message>From 9 to 17.</Message></Response>"))
    page.get_by_role("button", name="What are your opening hours?").click()
    answer = page.locator(".conversation .theirs")
    answer.get_by_text("From 9 to 17.").wait_for()
    answer.get_by_text("Delivered").wait_for()
    assert "Received by the app" in page.locator(".conversation .mine .status").inner_text()
    assert app.requests[0].form["From"] == PHONE


@in_browser
@needs_chromium
def test_the_keyboard_is_enough(page: Any, app: Receiver, twilio: Simulator) -> None:
    page.locator("textarea").focus()
    page.keyboard.type("two lines")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("<b>&amp;")
    page.keyboard.press("Enter")
    page.locator(".conversation .mine").get_by_text("<b>&amp;").wait_for()
    twilio.wait_for(lambda: app.requests)
    assert app.requests[0].form["Body"] == "two lines\n<b>&amp;"


@in_browser
@needs_chromium
def test_stop_shows_twilios_own_answer(page: Any) -> None:
    page.get_by_role("button", name="STOP", exact=True).click()
    page.locator(".automatic").get_by_text("Twilio’s own answer").wait_for()


@in_browser
@needs_chromium
def test_a_picture_a_number_of_ones_own_and_another_addressee(page: Any, twilio: Simulator) -> None:
    page.get_by_label("This phone's number").fill("+4915112345678")
    page.get_by_label("Text to").select_option(seed.SALES_NUMBER)
    page.get_by_role("button", name="Attach a picture").click()
    page.get_by_role("button", name="Send").click()
    page.locator(".picture").wait_for()
    [message] = twilio.messages(from_="+4915112345678")
    assert (message.to, len(message.media)) == (seed.SALES_NUMBER, 1)


@in_browser
@needs_chromium
def test_a_fault_is_set_struck_and_shown(page: Any, twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(body=b"<Response><Message>Hello</Message></Response>"))
    page.get_by_label("Strikes").select_option("until ended")
    page.get_by_role("button", name="Set: Undelivered").click()
    page.get_by_role("button", name="End: Undelivered").wait_for()
    page.get_by_role("button", name="What are your opening hours?").click()
    page.get_by_text("Undelivered (30007: Message filtered)").wait_for()
    page.get_by_role("button", name="End: Undelivered").click()
    page.get_by_role("button", name="End: Undelivered").wait_for(state="detached")
    assert [fault.active for fault in twilio.faults.all] == [False]


@in_browser
@needs_chromium
def test_the_debugger_shows_what_a_webhook_did_wrong(page: Any, app: Receiver) -> None:
    app.answer(Answer(status=403))
    page.get_by_role("button", name="What are your opening hours?").click()
    page.get_by_text("The app answered 403").wait_for()
    page.get_by_role("tab", name="Debugger").click()
    page.locator("#debugger").get_by_text("the webhook answered 403").wait_for()


@in_browser
@needs_chromium
def test_more_phones_can_be_put_on_the_table_and_are_remembered(page: Any) -> None:
    page.get_by_role("button", name="Add a phone").click()
    assert page.locator(".phone").count() == 2
    page.reload()
    page.locator(".phone").nth(1).wait_for()
    assert [field.input_value() for field in page.locator(".own-number").all()] == list(seed.PHONES[:2])


@in_browser
@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_sticks_out(
    scheme: str, width: int, browser: Any, twilio: Simulator, app: Receiver
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    app.answer(Answer(body=b"<Response><Message>Hello there</Message></Response>"))
    twilio.add_fault("30007")
    twilio.text(PHONE, OURS, "HELP")
    tab = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab.goto(twilio.url)
    tab.locator(".theirs").first.wait_for()
    tab.evaluate("for (const group of document.querySelectorAll('details')) group.open = true")
    assert [v["id"] for v in Axe().run(tab).response["violations"]] == []
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    tab.close()


@in_browser
@needs_chromium
def test_the_console_has_what_connects_an_assistant(page: Any) -> None:
    page.get_by_role("tab", name="Console").click()
    account = page.locator("#accounts li").filter(has_text=seed.ACCOUNT_NAME).first
    shown = account.locator("code").all_inner_texts()
    assert shown == [
        *(seed.ACCOUNT_SID, seed.AUTH_TOKEN, seed.SECONDARY_AUTH_TOKEN),
        *(seed.STANDARD_KEY_SID, seed.STANDARD_KEY_SECRET),
        *(seed.RESTRICTED_KEY_SID, seed.RESTRICTED_KEY_SECRET),
    ]
    page.locator("#numbers").get_by_text(seed.WELCOME_URL).wait_for()
