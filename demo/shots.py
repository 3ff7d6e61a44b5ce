"""``./run shots``: take the screenshots in docs/screenshots again, from a demo with 90 days of traffic."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from demo.browser import MISSING, chromium, find_chromium
from demo.connect_walk import walk
from demo.launcher.options import ROOT
from demo.photographer import DESK, PHONE, SHORT, Photographer
from demo.running import NotRunning, running_demo
from demo.twilio_simulator.seed import PHONES

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = ROOT / "docs" / "screenshots"
WITH_HISTORY = 600.0
"""Seconds for the demo to start; filling in 90 days takes most of them."""
SMS_PAGE = "/sms/ast_support"


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
            photographer = Photographer(browser, demo, given.folder)
            take_all(photographer)
            print(f"From the card to the first answer: {walk(photographer):.0f} s")
    except NotRunning as problem:
        print(f"./run shots: the demo did not run.\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
