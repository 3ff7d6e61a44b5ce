"""Which places of a text stand in backticks: what is there is shown, not meant."""

from __future__ import annotations

import re
from bisect import bisect_left

_FENCE = re.compile("```")


class QuotedCode:
    """``place in QuotedCode(text)``: whether a place is inside a span or a block of code."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ticks = [place for place, char in enumerate(text) if char == "`"] if "`" in text else []
        self._fences = [found.start() for found in _FENCE.finditer(text)] if self._ticks else []

    def __contains__(self, place: int) -> bool:
        if not self._ticks:
            return False
        if bisect_left(self._fences, place) % 2:
            return True
        line = self._text.rfind("\n", 0, place) + 1
        return (bisect_left(self._ticks, place) - bisect_left(self._ticks, line)) % 2 == 1


def before_blanks(text: str, place: int, start: int = 0) -> str:
    """The character before ``place`` that is no space or tab; "" when there is none since ``start``."""
    while place > start and text[place - 1] in " \t":
        place -= 1
    return text[place - 1] if place > start else ""
