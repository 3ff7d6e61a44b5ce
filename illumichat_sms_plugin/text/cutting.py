"""Cut a text to a length so that it reads as an end, and keep what is left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import regex

from illumichat_sms_plugin.text.segments import graphemes, utf16_units
from illumichat_sms_plugin.text.sentence_ends import sentence_ends
from illumichat_sms_plugin.text.undivided import Span, undivided, wholes

ELLIPSIS = "..."
SENTENCE_PART = 0.6
"""A sentence that ends before this part of the room is too short a text; then a word's end will do."""
MIN_BEFORE_CLOSING = 20
"""A text with fewer characters has no room for more at its end."""
_DANGLING = regex.compile(r"""(?:\n\s*+(?:[-+*>]|\d+[.)])|[\s,;:.(\[{<«“„"'‘–—-])+$""")
"""What may not stand before the dots: an opened bracket, a comma, the mark of an item that is not there."""
_LEFT_OVER = regex.compile(r"\s*+(?:[,;:.]+(?=\s)\s*+)?")
"""What need not stand at the beginning of what is left: the end of what was cut."""


class Cut(NamedTuple):
    """``shown`` ends with dots where it stops within a sentence; ``rest`` is what is left, "" when nothing is."""

    shown: str
    rest: str


def cut(text: str, limit: int, closing: str = "") -> Cut:
    """``text`` in at most ``limit`` UTF-16 units, with ``closing`` at its end when it had to be cut.

    It ends at the end of a sentence or list item in the last part of the room, else at the end of a word with
    ``...`` after it; never within a grapheme, and within what must stay whole only when nothing else is there.
    Twilio does not say in what it counts its 1600; UTF-16 units are the most it can mean.
    """
    text = text.strip()
    if len(text) <= limit and utf16_units(text) <= limit:
        return Cut(text, "")
    kept = _kept(text, limit - utf16_units(closing))
    if closing and len(kept.shown) < MIN_BEFORE_CLOSING:
        return _kept(text, limit)
    return Cut(kept.shown + closing, kept.rest)


def _kept(text: str, limit: int) -> Cut:
    room = first_units(text, limit)
    if not room:  # one grapheme fills it all: a letter under a heap of accents
        place = max(limit, 0) // 2
        return Cut(text[:place], text[place:])
    shorter = first_units(text, limit - len(ELLIPSIS))
    if not shorter:
        return Cut(room.rstrip(), _left(text, len(room)))
    whole = list(wholes(text, len(room)))
    for end in sentence_ends(text, round(SENTENCE_PART * len(room)), len(room)):
        if undivided(whole, end) == (end, end):
            return Cut(text[:end].rstrip(), _left(text, end))
    return _at_a_word(text, whole, len(shorter), len(room))


def _at_a_word(text: str, whole: Sequence[Span], place: int, room: int) -> Cut:
    """Cut before ``place`` where no word and nothing of ``whole`` is divided, and add the dots."""
    start, end = undivided(whole, place)
    if start < place and not _DANGLING.sub("", text[:start]):
        if end <= room:
            return Cut(text[:end], _left(text, end))
    elif start < place:
        place = start
    elif not text[place].isspace():
        last_space = max(text.rfind(" ", 0, place), text.rfind("\n", 0, place))
        place = undivided(whole, last_space)[0] if last_space > place / 2 else place
    head = _DANGLING.sub("", text[:place]) or text[:place]
    return Cut(head + ELLIPSIS, _left(text, len(head)))


def _left(text: str, place: int) -> str:
    found = _LEFT_OVER.match(text, place)
    return text[found.end() if found else place :]


def first_units(text: str, limit: int) -> str:
    """As many whole graphemes from the start as ``limit`` UTF-16 units hold."""
    head = text[: max(limit, 0) + 1]
    pieces = graphemes(head)
    size = len if utf16_units(head) == len(head) else utf16_units
    ends = list(accumulate(map(size, pieces)))
    return "".join(pieces[: bisect_right(ends, limit)])
