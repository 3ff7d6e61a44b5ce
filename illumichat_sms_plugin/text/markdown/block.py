"""A block of Markdown, and the list that its items belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["paragraph", "heading", "code", "table", "reference"]


@dataclass(slots=True)
class ListOfItems:
    """The items of one list, as their author numbered them."""

    indent: int
    """Of the last item's marker."""
    content: int
    """Where the last item's text begins."""
    mark: str
    numbers: list[str] = field(default_factory=list)
    are_same: bool = True

    def add(self, number: str) -> int:
        """One more item; returns its place."""
        self.are_same = self.are_same and (not self.numbers or number == self.numbers[0])
        self.numbers.append(number)
        return len(self.numbers) - 1

    def marker(self, place: int) -> str:
        """The marker of an item. Numbers are the author's, unless all are 1 or all 0, which asks to be counted."""
        if self.mark in "-+*":
            return "+ " if self.mark == "+" else "- "
        number = self.numbers[place]
        if self.are_same and number in ("0", "1"):
            number = str(int(number) + place)
        return f"{number}{self.mark} "


@dataclass(slots=True)
class Block:
    """Lines that belong together. ``items`` are the markers before the first of them."""

    kind: Kind
    lines: list[str]
    depth: int
    quoted: bool
    gap: bool
    """Whether an empty line stands before it."""
    items: list[tuple[ListOfItems, int]]
