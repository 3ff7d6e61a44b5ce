"""Opens pages of a running demo and takes pictures of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from demo.running import RunningDemo
from demo.twilio_simulator.seed import PHONES, SUPPORT_NUMBER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 60_000
"""Milliseconds that anything may take."""
LARGEST = 300_000
"""Bytes of one picture."""
DESK = {"width": 1280, "height": 1400}
SHORT = {"width": 1280, "height": 960}
PHONE = {"width": 390, "height": 1400}
ADMIN = "admin@acme.test"
QUESTIONS = ("What are your opening hours?", "And on Saturday?", "Do you repair toasters?")


class Photographer:
    """Opens pages as an admin and takes pictures of them."""

    def __init__(self, browser: Browser, demo: RunningDemo, folder: Path) -> None:
        self._browser = browser
        self._demo = demo
        self._folder = folder

    def open(self, path: str, *, scheme: str = "light", size: dict[str, int] | None = None) -> Page:
        """A page of the host in a window of its own."""
        page = self._window(scheme, size or DESK)
        page.goto(f"{self._demo.host}/sign-in?next={path}")
        page.get_by_role("button").filter(has_text=ADMIN).click()
        page.wait_for_url(f"**{path}")
        return page

    def phones(self) -> Page:
        """The phones of the simulated Twilio, after a short conversation on the first."""
        page = self.open_phones()
        phone = page.get_by_role("article", name=f"Phone {PHONES[0]}")
        phone.get_by_label("Text to").select_option(SUPPORT_NUMBER)
        for number, question in enumerate(QUESTIONS):
            phone.get_by_label("Message", exact=True).fill(question)
            phone.get_by_role("button", name="Send").click()
            answer = phone.locator(".conversation .theirs").nth(number)
            answer.get_by_text("Delivered").wait_for()
        return page

    def open_phones(self) -> Page:
        """The phones of the simulated Twilio."""
        page = self._window("light", SHORT)
        page.goto(self._demo.phones)
        return page

    def take(self, page: Page, name: str) -> None:
        """Write ``name``.png, which is what the window shows, and close the window."""
        page.wait_for_load_state()
        self.picture(page, name)
        page.context.close()

    def picture(self, page: Page, name: str, *, at: str = "") -> None:
        """Write ``name``.png; ``at`` is what stands at the top of the window, below the page's menu."""
        if at:
            page.locator(at).evaluate(
                "element => window.scrollTo(0, element.getBoundingClientRect().top + scrollY - 120)"
            )
        file = self._folder / f"{name}.png"
        page.screenshot(path=file, animations="disabled")
        size = file.stat().st_size
        print(f"{name}.png  {size // 1000} kB", flush=True)
        if size > LARGEST:
            raise SystemExit(
                f"./run shots: {name}.png is larger than {LARGEST // 1000} kB; show less of the page."
            )

    def _window(self, scheme: str, size: dict[str, int]) -> Page:
        context = self._browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        return context.new_page()
