"""Counts, spans of time and days in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from illumichat_sms_plugin.languages import formats
from illumichat_sms_plugin.languages.wording import Wording, say, say_n

JUST_NOW = 5.0
"""Seconds."""

COUNTS: Mapping[str, Callable[[int], Wording]] = {
    "answer": lambda n: say_n("{n} answer", "{n} answers", n),
    "character": lambda n: say_n("{n} character", "{n} characters", n),
    "check": lambda n: say_n("{n} check", "{n} checks", n),
    "other check": lambda n: say_n("{n} other check", "{n} other checks", n),
    "further number": lambda n: say_n("{n} further number", "{n} further numbers", n),
    "job": lambda n: say_n("{n} job", "{n} jobs", n),
    "point": lambda n: say_n("{n} point", "{n} points", n),
    "problem": lambda n: say_n("{n} problem", "{n} problems", n),
    "warning": lambda n: say_n("{n} warning", "{n} warnings", n),
    "delivery report": lambda n: say_n("{n} delivery report", "{n} delivery reports", n),
    "segment": lambda n: say_n("{n} segment", "{n} segments", n),
    "session": lambda n: say_n("{n} session", "{n} sessions", n),
    "text": lambda n: say_n("{n} text", "{n} texts", n),
    "texter": lambda n: say_n("{n} texter", "{n} texters", n),
    "worker thread": lambda n: say_n("{n} worker thread", "{n} worker threads", n),
    "day": lambda n: say_n("{n} day", "{n} days", n),
    "hour": lambda n: say_n("{n} hour", "{n} hours", n),
    "minute": lambda n: say_n("{n} minute", "{n} minutes", n),
    "second": lambda n: say_n("{n} second", "{n} seconds", n),
}
"""What is counted; each with its plural, because a translation needs both."""

AGO: Mapping[str, Callable[[int], Wording]] = {
    "day": lambda n: say_n("{n} day ago", "{n} days ago", n),
    "hour": lambda n: say_n("{n} hour ago", "{n} hours ago", n),
    "minute": lambda n: say_n("{n} minute ago", "{n} minutes ago", n),
    "second": lambda n: say_n("{n} second ago", "{n} seconds ago", n),
}


def count(number: int, noun: str) -> Wording:
    """``1 text``, ``1,200 texts``."""
    return COUNTS[noun](number)


def of_the_last_texts(some: int, number: int) -> Wording:
    """``3 of the last 20 texts``; of a single one ``the last text``."""
    return (
        say("the last text")
        if number == 1
        else say("{some} of the last {number} texts", some=some, number=number)
    )


def listed(parts: Sequence[str]) -> str:
    """``a and b and c``."""
    words = parts[0]
    for part in parts[1:]:
        words = say("{these} and {this}", these=words, this=part)
    return words


def tenths(number: float) -> Decimal:
    """A figure for a sentence, with one digit behind the point."""
    return Decimal(f"{number:.1f}")


def cents(amount: float | Decimal) -> Decimal:
    """An amount for a sentence, with two digits behind the point."""
    return Decimal(f"{amount:.2f}")


def money(amount: float | Decimal, currency: str) -> Wording:
    """``2.50 USD``."""
    return say("{amount} {currency}", amount=cents(amount), currency=currency)


def span(seconds: float) -> Wording:
    """A span of time as people say it: ``40 seconds``, ``3 hours``."""
    number, noun = _largest(seconds)
    return count(number, noun)


def ago(seconds: float) -> Wording:
    """When something was: ``just now``, ``3 hours ago``."""
    if seconds < JUST_NOW:
        return say("just now")
    number, noun = _largest(seconds)
    return AGO[noun](number)


def day(at: datetime) -> Wording:
    """The day by the clock of ``at``: ``Sunday, 22 Nov 2026``."""
    return Wording(lambda language: formats.day(at, "yMMMEEEEd", language))


def minute(at: datetime) -> Wording:
    """The day and minute by the clock of ``at``: ``22 Nov 2026, 14:03``."""
    return Wording(lambda language: formats.day(at, "yMMMdHm", language))


def _largest(seconds: float) -> tuple[int, str]:
    """The largest unit that says enough; ``90 minutes`` rather than ``1 hour``."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 86400 and seconds >= size):
            return int(seconds // size), noun
    return int(seconds), "second"
