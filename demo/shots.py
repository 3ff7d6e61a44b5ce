"""``./run shots``: take the screenshots in docs/screenshots again, from a demo with 90 days of traffic."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from demo.browser import MISSING, chromium, find_chromium
from demo.launcher.options import ROOT
from demo.running import NotRunning, RunningDemo, running_demo
from demo.twilio_simulator.seed import PHONES, SUPPORT_NUMBER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = ROOT / "docs" / "screenshots"
PATIENCE = 60_000
"""Milliseconds that anything may take."""
WITH_HISTORY = 600.0
"""Seconds for the demo to start; filling in 90 days takes most of them."""
LARGEST = 300_000
"""Bytes of one picture."""
DESK = {"width": 1280, "height": 1400}
SHORT = {"width": 1280, "height": 960}
PHONE = {"width": 390, "height": 1400}
ADMIN = "admin@acme.test"
QUESTIONS = ("What are your opening hours?", "And on Saturday?", "Do you repair toasters?")
SMS_PAGE = "/sms/ast_support"


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
        page = self._window("light", SHORT)
        page.goto(self._demo.phones)
        phone = page.get_by_role("article", name=f"Phone {PHONES[0]}")
        phone.get_by_label("Text to").select_option(SUPPORT_NUMBER)
        for number, question in enumerate(QUESTIONS):
            phone.get_by_label("Message", exact=True).fill(question)
            phone.get_by_role("button", name="Send").click()
            answer = phone.locator(".conversation .theirs").nth(number)
            answer.get_by_text("Delivered").wait_for()
        return page

    def take(self, page: Page, name: str) -> None:
        """Write ``name``.png, which is what the window shows, and close the window."""
        page.wait_for_load_state()
        file = self._folder / f"{name}.png"
        page.screenshot(path=file, animations="disabled")
        page.context.close()
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


def run_doctor(page: Page) -> Page:
    """Press the Doctor's button and wait for the last result."""
    page.get_by_role("button", name="Run the Doctor").click()
    page.get_by_role("button", name="Run the Doctor again").and_(page.locator(":enabled")).wait_for()
    return page


def open_first_session(page: Page) -> Page:
    """From the list of sessions to the one of the phone that has just texted."""
    page.get_by_role("link", name=PHONES[0]).click()
    page.get_by_role("heading", name="Conversation").wait_for()
    return page


def take_all(photographer: Photographer) -> None:
    """Every screenshot of docs/."""
    photographer.take(photographer.phones(), "phones")
    shots: dict[str, Callable[[], Page]] = {
        "doctor": lambda: run_doctor(photographer.open(f"{SMS_PAGE}/doctor")),
        "channels": lambda: photographer.open(
            "/assistants/ast_support/settings/channels", size={**DESK, "height": 560}
        ),
        "sms-page": lambda: photographer.open(SMS_PAGE),
        "sms-page-dark": lambda: photographer.open(SMS_PAGE, scheme="dark"),
        "sms-page-phone": lambda: photographer.open(SMS_PAGE, size=PHONE),
        "analytics": lambda: photographer.open(f"{SMS_PAGE}/analytics", size=SHORT),
        "analytics-dark": lambda: photographer.open(f"{SMS_PAGE}/analytics", scheme="dark", size=SHORT),
        "analytics-phone": lambda: photographer.open(f"{SMS_PAGE}/analytics", size=PHONE),
        "session": lambda: open_first_session(photographer.open(f"{SMS_PAGE}/sessions")),
    }
    for name, open_page in shots.items():
        photographer.take(open_page(), name)


def main(argv: Sequence[str] | None = None) -> int:
    """Take them all; the exit code."""
    parser = argparse.ArgumentParser(prog="./run shots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them (docs/screenshots)")
    parser.add_argument("--no-history", action="store_true", help="skip the 90 days of traffic, to be quick")
    given = parser.parse_args(argv)
    path = find_chromium()
    if path is None:
        print(f"./run shots: {MISSING}", file=sys.stderr)
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    options = [] if given.no_history else ["--history"]
    print("Starting a demo with 90 days of traffic ..." if options else "Starting a demo ...", flush=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="sms-shots-") as folder,
            running_demo(Path(folder), *options, ready_within=WITH_HISTORY) as demo,
            chromium(path) as browser,
        ):
            take_all(Photographer(browser, demo, given.folder))
    except NotRunning as problem:
        print(f"./run shots: the demo did not run.\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
