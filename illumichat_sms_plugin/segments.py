"""Count a text as Twilio bills it: GSM-7 or UCS-2, 160/153 septets or 70/67 UTF-16 units.

The rules are those of Twilio's own calculator: a character of the extension table costs two septets
and is never split, nor is a grapheme of a UCS-2 text.
https://www.twilio.com/docs/glossary/what-sms-character-limit
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import regex

Encoding = Literal["GSM-7", "UCS-2"]

GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"
GSM7_COST = {**dict.fromkeys(GSM7_BASIC, 1), **dict.fromkeys(GSM7_EXTENSION, 2)}
_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """``units`` are septets in GSM-7 and UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def count_segments(text: str) -> SegmentCount:
    """Encoding, units and billed segments of ``text``."""
    encoding, pieces = _pieces(text)
    return SegmentCount(encoding, sum(cost for _, cost in pieces), len(_pack(encoding, pieces)))


def split_segments(text: str) -> list[str]:
    """The text as it is cut into segments; their concatenation is ``text``."""
    encoding, pieces = _pieces(text)
    return _pack(encoding, pieces)


def costly_characters(text: str) -> list[tuple[int, str]]:
    """Position and character of everything that forces UCS-2."""
    return [(position, char) for position, char in enumerate(text) if char not in GSM7_COST]


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> list[str]:
    """What a person sees as single characters."""
    return _GRAPHEME.findall(text)


def _pieces(text: str) -> tuple[Encoding, list[tuple[str, int]]]:
    """The unsplittable pieces of a text, each with its cost."""
    if all(char in GSM7_COST for char in text):
        return "GSM-7", [(char, GSM7_COST[char]) for char in text]
    pieces = (piece for g in graphemes(text) for piece in (g if g == "\r\n" else [g]))
    return "UCS-2", [part for piece in pieces for part in _bounded(piece)]


def _bounded(piece: str) -> list[tuple[str, int]]:
    """A grapheme longer than a segment is split after all, between code points."""
    units = utf16_units(piece)
    return [(piece, units)] if units <= 67 else [(char, utf16_units(char)) for char in piece]


def _pack(encoding: Encoding, pieces: list[tuple[str, int]]) -> list[str]:
    single, part = (160, 153) if encoding == "GSM-7" else (70, 67)
    if sum(cost for _, cost in pieces) <= single:
        return ["".join(piece for piece, _ in pieces)]
    packed, current, used = [], [], 0
    for piece, cost in pieces:
        if used + cost > part:
            packed.append("".join(current))
            current, used = [], 0
        current.append(piece)
        used += cost
    packed.append("".join(current))
    return packed
