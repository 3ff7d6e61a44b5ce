"""Tapbacks: the text a phone sends when its owner only taps a heart. Nobody expects an answer to it.

iPhones write ``Loved “See you”``, Google Messages ``👍 to “See you”``, each in the phone's language; ``reactions.toml``
has the words. The rule is one: such words around one quotation, or around the name of what is no text, and nothing
else. An ordinary sentence, even one that begins like them, is none.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

import regex

LONGEST = 2000
"""Characters: a tapback quotes one message, mostly shortened."""
LONGEST_WORDS = 80
"""Characters before the quotation."""
MOST_OPENINGS = 4
"""Quotation marks at which the quotation may begin; some wordings have one of their own."""

_EMOJI = regex.compile(
    r"(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3)"
    r"[\p{M}\p{Cf}\p{Emoji_Modifier}\p{Extended_Pictographic}\p{Regional_Indicator}]*+"
)
_OPENING = regex.compile(r"[“„«»\"”「『]")
_QUOTATION = regex.compile(
    r"“(?:[^“”]++|“(?:[^“”]*”)?)+”|„(?:[^“”„]++|„[^“”„]*[“”])+[“”]|«(?:[^«»]++|«[^«»]*»)+»|»[^«»]++«|”[^“”]++”"
    r"|「[^「」]++」|『[^『』]++』|\"(?:[^\"]++|(?<=\s)\"[^\"]*\")+\"",
    regex.DOTALL,
)
"""One quotation, others only inside it: ``Liked "this" and "that"`` is a sentence."""
_CLOSING = '“”»«"」』'
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200a\u200b\u200c\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\ufeff")
)
_SPELLED = {0xA0: " ", 0x202F: " ", 0x2009: " ", ord("’"): "'"}
_QUOTE = "{quote}"


def is_reaction(body: str) -> bool:
    """Whether ``body`` is a phone's words for a tap on a message, such as ``Liked “See you”``."""
    if len(body) > LONGEST:
        return False
    text = body.strip() if body.isascii() else body.translate(_INVISIBLE).translate(_SPELLED).strip()
    if not text:
        return False
    if len(text) <= 2 * LONGEST_WORDS and _shape(text) in _wholes():
        return True
    return any(_shape(f"{before}{_QUOTE}{after}") in _shapes() for before, after in _around_quotations(text))


def languages() -> list[str]:
    """The languages whose words are known."""
    return sorted(_table())


def _around_quotations(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and after the one quotation; more than one reading where the words have one, too."""
    end = max(map(text.rfind, _CLOSING)) + 1
    for opening in islice(_OPENING.finditer(text, 0, min(LONGEST_WORDS, end)), MOST_OPENINGS):
        start = opening.start()
        if _QUOTATION.fullmatch(text, start, end):
            yield text[:start], text[end:]
        elif len(text) - end > 0 and (found := _QUOTATION.match(text, start)):
            yield text[:start], text[found.end() :]


def _shape(words: str) -> str:
    """The words with every emoji alike, in one case, without spaces: some phones write none."""
    if words.isascii():
        return words.lower().replace(" ", "")
    return _EMOJI.sub("{emoji}", unicodedata.normalize("NFC", words)).casefold().replace(" ", "")


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("illumichat_sms_plugin.text") / "reactions.toml").read_text("utf-8"))


@cache
def _shapes() -> frozenset[str]:
    """The shapes that are around a quotation."""
    return frozenset(
        _shape(shape) for words in _table().values() for shape in map(_with_quote, words["shapes"])
    )


@cache
def _wholes() -> frozenset[str]:
    """The shapes around what is no text."""
    return frozenset(
        _shape(_with_quote(shape).replace(_QUOTE, thing))
        for words in _table().values()
        for shape in words["shapes"]
        for thing in words["things"]
    )


def _with_quote(shape: str) -> str:
    plain = shape.translate(_SPELLED)
    return plain if _QUOTE in plain else f"{plain} {_QUOTE}"
