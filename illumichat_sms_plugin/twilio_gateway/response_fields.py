"""Reading Twilio's responses: every field may be missing, null or of another type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from illumichat_sms_plugin.errors import InvalidInput, TwilioInDoubt, TwilioUnreachable
from illumichat_sms_plugin.languages.wording import say

PAGE_SIZE = 200
LARGEST_PAGE = 1000
"""Of what Twilio gives at once."""


@contextmanager
def understood() -> Iterator[None]:
    """Turn what Twilio's library trips over while reading a response into TwilioInDoubt."""
    from twilio.base.exceptions import TwilioException

    try:
        yield
    except (TwilioException, ValueError, TypeError, LookupError, AttributeError, OverflowError):
        raise TwilioInDoubt(say("Twilio's response could not be understood.")) from None


def read_pages(
    first_page: Callable[[int], Any], limit: int, page_size: int = PAGE_SIZE, tries: int = 1
) -> Iterator[Any]:
    """Up to ``limit`` records; ``first_page`` takes a page size, and each page is asked for ``tries`` times at most.

    Bounded in pages too, for a list that keeps naming a next page without anything in it.
    """
    size = min(limit, page_size)
    if size < 1:
        return
    left = limit
    page: Any = None
    for number in range(limit // size + 2):
        ask: Callable[[], Any] = page.next_page if number else lambda: first_page(size)
        page, records = _read_page(ask, tries)
        yield from records[:left]
        left -= len(records)
        if page is None or left <= 0:
            return


def _read_page(ask: Callable[[], Any], tries: int) -> tuple[Any, list[Any]]:
    """A page and its records; a page may be read again after a failure, for reading changes nothing."""
    while True:
        tries -= 1
        try:
            with understood():
                page = ask()
                return page, list(page) if page is not None else []
        except (TwilioInDoubt, TwilioUnreachable):
            if tries < 1:
                raise


def sid_in_path(sid: str) -> str:
    """A SID that may stand in a URL's path, which Twilio's library does not quote; else InvalidInput."""
    if not (sid.isascii() and sid.isalnum()):
        raise InvalidInput("That is not a Twilio SID.")
    return sid


def text(value: Any) -> str:
    """A string; empty for anything else."""
    return value if isinstance(value, str) else ""


def optional_text(value: Any) -> str | None:
    """A string that is not empty, or None."""
    return text(value) or None


def integer(value: Any) -> int | None:
    """A whole number, also one written as a string, or None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def money(value: Any) -> Decimal | None:
    """A finite decimal with its sign, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
