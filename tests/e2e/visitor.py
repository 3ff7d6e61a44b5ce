"""A person with a browser of their own, and everything that a page of theirs should not do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from demo.running import RunningDemo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Response

PATIENCE = 30_000
"""Milliseconds that anything may take: the machine may be busy."""
expect.set_options(timeout=PATIENCE)


class Visitor:
    """One browser window. ``complaints`` holds console messages, script errors and failed answers of servers."""

    def __init__(self, browser: Browser, demo: RunningDemo, **options: Any) -> None:
        self.demo = demo
        self.complaints: list[str] = []
        size = {"width": 1280, "height": 900}
        self.context = browser.new_context(**{"viewport": size, "reduced_motion": "reduce", **options})
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._note_response)
        page.on("dialog", self._note_dialog)

    def _note_console(self, message: ConsoleMessage) -> None:
        """Violations of the Content-Security-Policy are said there, too."""
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _note_dialog(self, dialog: Dialog) -> None:
        """No page of ours opens any: it would be somebody's script."""
        self.complaints.append(f"{self.page.url} opened a dialog: {dialog.message}")
        dialog.dismiss()

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.url} answered {response.status}")

    def leave(self) -> None:
        """Close the browser window."""
        self.context.close()

    def open_phones(self) -> Page:
        """The phones of the simulated Twilio."""
        self.page.goto(self.demo.phones)
        self.page.locator(".their-number option").first.wait_for(state="attached")
        return self.page

    def sign_in(self, email: str = "admin@acme.test") -> Page:
        """Be somebody at the host; ends on the workspace's first page."""
        self.page.goto(f"{self.demo.host}/sign-in")
        self.page.get_by_role("button").filter(has_text=email).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Assistants")
        return self.page

    def open(self, path: str) -> Page:
        """Go to a page of the host."""
        self.page.goto(f"{self.demo.host}{path}")
        return self.page

    def open_session(self, assistant_id: str, number: str) -> Page:
        """Find the session of a phone number as an admin does, and open it."""
        page = self.open(f"/sms/{assistant_id}/sessions")
        page.get_by_role("searchbox").fill(number)
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name=number).click()
        page.get_by_role("heading", name="Conversation").wait_for()
        return page

    def phone(self, own: str, their: str) -> Phone:
        """Make the first phone on the table that of ``own``, about to text ``their``."""
        page = self.open_phones()
        page.get_by_label("This phone's number").first.fill(own)
        page.keyboard.press("Enter")
        element = page.get_by_role("article", name=f"Phone {own}")
        element.get_by_label("Text to").select_option(their)
        return Phone(element)


class Phone:
    """A phone on the phones page."""

    def __init__(self, element: Locator) -> None:
        self.element = element
        self.answers = element.locator(".conversation .theirs:not(.automatic)")
        """What the assistant wrote, oldest first; Twilio's own answers are not among it."""
        self.by_twilio = element.locator(".conversation .theirs.automatic")

    def text(self, words: str) -> None:
        """Send a text, and wait until the app has said that it got it."""
        mine = self.element.locator(".conversation .mine")
        before = mine.count()
        self.element.get_by_label("Message", exact=True).fill(words)
        self.element.get_by_role("button", name="Send").click()
        expect(mine).to_have_count(before + 1)
        expect(mine.nth(before).locator(".status")).to_contain_text("Received by the app")

    def expect_answer(self, words: str, *, number: int = 1) -> None:
        """Wait until answer ``number`` holds ``words`` and was delivered."""
        answer = self.answers.nth(number - 1)
        expect(answer.locator(".text")).to_contain_text(words)
        expect(answer.locator(".status")).to_contain_text(re.compile(r"^Delivered"))


def load_until(page: Page, look: Callable[[], None]) -> None:
    """Load the page again until ``look`` finds what it expects.

    A phone shows an answer before the worker that sent it has written down the rest.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    expect.set_options(timeout=1_000)
    try:
        while True:
            try:
                return look()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                page.reload()
    finally:
        expect.set_options(timeout=PATIENCE)


def unfold(page: Page, heading: str) -> None:
    """Open a part of the SMS page that is folded while it is settled."""
    page.locator("summary").filter(has_text=heading).first.click()


def found_by_axe(page: Page) -> list[str]:
    """What axe complains of, with the first element."""
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in violations]
