"""How like two texts are: the share of words that would have to be changed, 0 for the same, 1 for nothing in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import regex

LONGEST = 400
"""Characters of a text that are compared."""
SHORT = 16
"""Letters and digits: what has fewer people say again and again."""

_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}\p{N}']+|\p{Extended_Pictographic}"
)


@lru_cache(maxsize=512)
def words_of(text: str) -> tuple[str, ...]:
    """The words without case and punctuation; a script without spaces has a word for each character."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    return tuple(_WORD.findall(folded.replace("’", "'"))) or tuple(folded.split())


def is_short(text: str) -> bool:
    """Whether it is so short that a person says it often: ``ok``, ``yes``, ``1``, ``how much``."""
    return sum(map(len, words_of(text))) < SHORT


def is_same(one: str, other: str) -> bool:
    """Whether the words are the same."""
    return words_of(one) == words_of(other)


def distance(one: str, other: str, *, most: float = 1.0) -> float:
    """From 0 (the same words) to 1; what is more than ``most`` apart may be said to be 1."""
    left, right = words_of(one), words_of(other)
    longer = max(len(left), len(right))
    if left == right:
        return 0.0
    if abs(len(left) - len(right)) > most * longer:
        return 1.0
    return _edits(left, right) / longer


def _edits(left: Sequence[str], right: Sequence[str]) -> int:
    """Words to insert, leave out or replace (Levenshtein)."""
    row = list(range(len(right) + 1))
    for number, word in enumerate(left, start=1):
        corner, row[0] = row[0], number
        for place, other in enumerate(right, start=1):
            corner, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, corner + (word != other)),
            )
    return row[-1]
