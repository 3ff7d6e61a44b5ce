"""Numbers in words."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """``1 text``, ``2 texts``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def ago(seconds: float) -> str:
    """A span of time as people say it: ``40 seconds``, ``3 hours``."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 86400 and seconds >= size):
            return count(int(seconds // size), noun)
    return count(int(seconds), "second")
