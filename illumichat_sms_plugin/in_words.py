"""Counts and spans of time in words."""

from __future__ import annotations

JUST_NOW = 5.0
"""Seconds."""


def count(number: int, noun: str) -> str:
    """``1 text``, ``1,200 texts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def of_the_last(some: int, number: int, noun: str) -> str:
    """``3 of the last 20 texts``; of a single one ``the last text``."""
    return f"the last {noun}" if number == 1 else f"{some:,} of the last {count(number, noun)}"


def span(seconds: float) -> str:
    """A span of time as people say it: ``40 seconds``, ``3 hours``."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 86400 and seconds >= size):
            return count(int(seconds // size), noun)
    return count(int(seconds), "second")


def ago(seconds: float) -> str:
    """When something was: ``just now``, ``3 hours ago``."""
    return "just now" if seconds < JUST_NOW else f"{span(seconds)} ago"
