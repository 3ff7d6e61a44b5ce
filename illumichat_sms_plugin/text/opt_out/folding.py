"""The words of a text alone: one case, no accents, no marks. Everything here reads them, never the text itself."""

from __future__ import annotations

import unicodedata

_ACCENTS = frozenset(chr(code) for code in (*range(0x300, 0x370), *range(0xFE00, 0xFE10), 0x20E3))
"""Accents, and the marks that make an emoji of a character."""
_QUOTES = frozenset("'’‘`´ʼ")
_MOST = 4096
"""Characters whose folding is remembered; a text of rare ones is folded anew each time."""


class _Folding(dict[int, str | None]):
    """What each character becomes, worked out when it is first met, in the form that str.translate wants."""

    def __missing__(self, code: int) -> str | None:
        folded = _fold_character(chr(code)) or None
        if len(self) < _MOST:
            self[code] = folded
        return folded


def fold(text: str) -> str:
    """``text`` in lower case without accents and invisible marks; whatever parts words is a space.

    "ARRÊT" is ``arret``, "Don’t!" is ``dont `` with the space of its mark.
    """
    if text.isascii():
        return text.translate(_FOLDED)
    # Letters and their marks may come together or apart, before folding and after it.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).translate(_FOLDED))


def normalise(text: str) -> str:
    """The words of ``text`` with single spaces between: "« Stop! » 🛑" is ``stop``, "don't" is ``dont``."""
    return " ".join(fold(text).split())


def _fold_character(char: str) -> str:
    if char in _QUOTES:
        return ""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    plain = "".join(found for found in folded if found not in _ACCENTS and found not in _QUOTES)
    return "".join(_word_character(found) for found in unicodedata.normalize("NFC", plain))


def _word_character(char: str) -> str:
    """``char`` in a word, "" for what is invisible, a space for what parts words."""
    category = unicodedata.category(char)
    if category[0] in "LNM":
        return char
    return "" if category == "Cf" else " "


_FOLDED = _Folding()
