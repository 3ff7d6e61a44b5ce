"""Tapbacks: what a phone sends when its owner only taps a heart. Nobody expects an answer."""

from __future__ import annotations

import re

_QUOTED = r"[“\"«„].{1,2000}[”\"»“]?"
_REACTION = re.compile(
    rf"(?:Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned) (?:{_QUOTED}|an? (?:image|photo|video|attachment|message))"
    rf"|Removed an? (?:like|heart|dislike|laugh|exclamation|question mark|\S{{1,8}} reaction) from .{{1,2000}}"
    rf"|Reacted \S{{1,16}} to {_QUOTED}"
    rf"|\S{{1,16}} to {_QUOTED}",
    re.DOTALL,
)


def is_reaction(body: str) -> bool:
    """Whether ``body`` is a phone's words for a tap on a message, such as ``Liked “See you”``."""
    text = body[:2100].strip().strip("\u200a\u200b\u200c\u200d\ufeff")
    found = _REACTION.fullmatch(text)
    if found is None:
        return False
    # "👍 to “…”" is a reaction, "Listen to “…”" is a sentence.
    first = text.split(" ", 1)[0]
    return first[0].isupper() and first in _VERBS or not any(char.isalnum() for char in first)


_VERBS = frozenset(
    {"Liked", "Loved", "Disliked", "Laughed", "Emphasized", "Emphasised", "Questioned", "Removed", "Reacted"}
)
