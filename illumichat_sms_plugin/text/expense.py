"""What a text costs in segments, and which of its characters are to blame."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from illumichat_sms_plugin.text.segments import Encoding, costly_characters, count_segments, graphemes

NAMED = 10
"""Different characters that are named."""


@dataclass(frozen=True, slots=True)
class Costly:
    """A character that GSM-7 does not have. ``first`` is where it first stands, counted from 1."""

    character: str
    name: str
    times: int
    first: int


@dataclass(frozen=True, slots=True)
class Expense:
    """``units`` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int
    characters: int
    """What a person counts."""
    costly: tuple[Costly, ...]
    """In the order in which they first stand; at most ``NAMED``."""
    more: int
    """How many further different ones there are."""


def expense_of(text: str) -> Expense:
    """Count ``text`` as Twilio bills it."""
    counted = count_segments(text)
    found = costly_characters(text)
    times = Counter(char for _, char in found)
    first = {char: position + 1 for position, char in reversed(found)}
    ordered = sorted(first, key=first.__getitem__)
    costly = tuple(Costly(char, _name(char), times[char], first[char]) for char in ordered[:NAMED])
    more = max(len(ordered) - NAMED, 0)
    return Expense(counted.encoding, counted.units, counted.segments, len(graphemes(text)), costly, more)


def _name(char: str) -> str:
    """``U+2019 right single quotation mark``."""
    return f"U+{ord(char):04X} {unicodedata.name(char, 'without a name').lower()}"
