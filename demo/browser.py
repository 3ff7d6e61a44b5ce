"""The browser that takes the screenshots and runs the tests: the machine's own Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium")
"""The headless shell first: it draws the same pages for half the CPU."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = (
    "There is no Chromium here; install it (Debian: apt-get install chromium-headless-shell, or chromium)."
)


def find_chromium() -> str | None:
    """The path of the Chromium that is installed, if any."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start the browser at ``path``; every visitor opens a context of their own in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, path)
        yield browser
        browser.close()


def launch(kind: BrowserType, path: str, *flags: str) -> Browser:
    """Start the browser at ``path`` with ``flags`` beside the usual ones."""
    return kind.launch(executable_path=path, args=[*FLAGS, *flags], timeout=60_000)
