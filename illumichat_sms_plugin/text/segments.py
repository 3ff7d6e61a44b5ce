"""Count a text as Twilio bills it: GSM-7 or UCS-2, 160/153 septets or 70/67 UTF-16 units.

The rules are those of Twilio's own calculator (https://github.com/TwilioDevEd/message-segment-calculator):
one character outside the GSM-7 table makes the whole text UCS-2; a character of the extension table
costs two septets in GSM-7, one unit in UCS-2; neither it nor a grapheme is divided between segments,
so that ``ceil(units / 67)`` is not always enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import regex

Encoding = Literal["GSM-7", "UCS-2"]
Piece = tuple[str, int]
"""What is never divided, and its cost in units."""

GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"
GSM7_COST = {**dict.fromkeys(GSM7_BASIC, 1), **dict.fromkeys(GSM7_EXTENSION, 2)}
"""Septets of each character of GSM 03.38."""
SEGMENT_UNITS: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Units of a text's only segment, and of each of several: the header that joins them takes six bytes."""

_GRAPHEME = regex.compile(r"\X")
_ALONE = regex.compile(r"[\p{GCB=XX}\p{GCB=Control}\n]*+")
"""A text in which no character joins its neighbour."""
_CONJUNCT = regex.compile(r"(?<=[\p{GCB=Extend}\p{GCB=ZWJ}])(?=\p{Lo})(?=\p{GCB=XX})")
"""Inside a conjunct of an Indian script: one grapheme since Unicode 15.1, several to the calculator."""


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """``units`` are septets in GSM-7 and UTF-16 code units in UCS-2; an empty text is one segment of 0."""

    encoding: Encoding
    units: int
    segments: int


def count_segments(text: str) -> SegmentCount:
    """Encoding, units and billed segments of ``text``."""
    encoding, pieces = _pieces(text)
    return SegmentCount(encoding, sum(cost for _, cost in pieces), len(_pack(encoding, pieces)))


def split_segments(text: str) -> list[str]:
    """The text as it is divided into segments; together they are ``text``."""
    return ["".join(piece for piece, _ in part) for part in _pack(*_pieces(text))]


def costly_characters(text: str) -> list[tuple[int, str]]:
    """Position (in code points) and character of everything that forces UCS-2; [] for a GSM-7 text."""
    return [(position, char) for position, char in enumerate(text) if char not in GSM7_COST]


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> list[str]:
    """What a person sees as single characters."""
    return list(text) if _ALONE.fullmatch(text) else _GRAPHEME.findall(text)


def _pieces(text: str) -> tuple[Encoding, list[Piece]]:
    if all(char in GSM7_COST for char in text):
        return "GSM-7", [(char, GSM7_COST[char]) for char in text]
    return "UCS-2", [(piece, utf16_units(piece)) for g in graphemes(text) for piece in _divided(g)]


def _divided(grapheme: str) -> list[str]:
    """What the calculator takes apart although people see one character."""
    if len(grapheme) == 1:
        return [grapheme]
    return list(grapheme) if grapheme == "\r\n" else _CONJUNCT.split(grapheme)


def _pack(encoding: Encoding, pieces: list[Piece]) -> list[list[Piece]]:
    """Fill segments as the calculator does, which first learns from the overflow that a header is needed."""
    room, part = SEGMENT_UNITS[encoding]
    packed: list[list[Piece]] = [[]]
    used = 0
    for piece, cost in pieces:
        if used + cost > room:
            overflow = _cut(packed[0], part) if len(packed) == 1 else []
            packed.append(overflow)
            used, room = sum(cost for _, cost in overflow), part
        packed[-1].append((piece, cost))
        used += cost
    return packed


def _cut(segment: list[Piece], room: int) -> list[Piece]:
    """Take from the end of ``segment`` what is too much for ``room``, and return it."""
    used, kept = sum(cost for _, cost in segment), len(segment)
    while used > room:
        kept -= 1
        used -= segment[kept][1]
    overflow = segment[kept:]
    del segment[kept:]
    return overflow
