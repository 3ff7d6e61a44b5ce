"""Reading Twilio's answers: every field may be missing, null or of another type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from illumichat_sms_plugin.errors import InvalidInput, TwilioInDoubt

PAGE_SIZE = 200


@contextmanager
def understood() -> Iterator[None]:
    """Turn what Twilio's library trips over while reading an answer into TwilioInDoubt."""
    from twilio.base.exceptions import TwilioException

    try:
        yield
    except (TwilioException, ValueError, TypeError, LookupError, AttributeError, OverflowError):
        raise TwilioInDoubt("Twilio's answer was not understood.") from None


def read_pages(first_page: Callable[[int], Any], limit: int, page_size: int = PAGE_SIZE) -> Iterator[Any]:
    """Up to ``limit`` records; ``first_page`` takes a page size.

    Bounded in pages too, for a list that keeps naming a next page without anything in it.
    """
    size = min(limit, page_size)
    if size < 1:
        return
    left = limit
    page: Any = None
    for number in range(limit // size + 2):
        with understood():
            page = page.next_page() if number else first_page(size)
            records = list(page) if page is not None else []
        yield from records[:left]
        left -= len(records)
        if page is None or left <= 0:
            return


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
