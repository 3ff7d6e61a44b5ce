"""Make an assistant's answer fit for SMS: plain, cheap in segments, cut so that it reads as an end."""

from __future__ import annotations

import unicodedata

import regex
from anyascii import anyascii

from illumichat_sms_plugin.markdown_text import plain_text
from illumichat_sms_plugin.segments import GSM7_COST, count_segments, graphemes, utf16_units

__all__ = ["fit_for_sms", "plain_text", "to_gsm_lookalikes", "truncate"]

MAX_ANSWER = 20_000
"""Characters of an answer that are looked at; an SMS takes 1600."""
ELLIPSIS = "..."

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(
            "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
            " ",
        ),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("•‣◦▪●·", "-"),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        "…": "...",
        "×": "x",
        "÷": "/",
        "→": "->",
        "←": "<-",
        "⇒": "=>",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "≈": "~",
        "½": "1/2",
        "¼": "1/4",
        "¾": "3/4",
        "™": "(TM)",
        "®": "(R)",
        "©": "(C)",
        "‹": "<",
        "›": ">",
        "⁄": "/",
        "№": "No.",
    }
)
_MARKS = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sk", "Zs"})
"""Unicode categories of punctuation, mathematical marks and spaces: never letters, digits or emoji."""
_SENTENCE_END = regex.compile(r"(?:[.!?。！？]+[\"')\]]*(?=\s|$))|\n")
_ABBREVIATION = regex.compile(r"(?:\b(?:e\.g|i\.e|etc|Mr|Mrs|Ms|Dr|St|No|vs|approx)|(?:^|\s)\d+)\.$")


def fit_for_sms(answer: str, max_length: int) -> str:
    """The answer as plain text of at most ``max_length`` UTF-16 units."""
    return truncate(to_gsm_lookalikes(plain_text(_clean(answer[:MAX_ANSWER]))), max_length)


def to_gsm_lookalikes(text: str) -> str:
    """Typographic marks as GSM-7 look-alikes where that saves segments; letters stay as they are.

    A text that needs UCS-2 for its letters anyway keeps its typography.
    """
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(_lookalike(grapheme) for grapheme in graphemes(composed.translate(_LOOKALIKES)))
    became = count_segments(plain)
    was = count_segments(composed)
    saves = became.segments < was.segments or (became.encoding, was.encoding) == ("GSM-7", "UCS-2")
    return plain if saves else composed


def truncate(text: str, limit: int) -> str:
    """``text`` cut to ``limit`` UTF-16 units at the end of a sentence or word, never in a grapheme."""
    text = text.strip()
    if utf16_units(text) <= limit:
        return text
    room = _first_units(text, limit)
    ends = [
        match.end()
        for match in _SENTENCE_END.finditer(room)
        if match.end() >= 0.6 * len(room) and not _ABBREVIATION.search(room[: match.end()])
    ]
    if ends and _ends_a_word(text, ends[-1]):
        return room[: ends[-1]].strip()
    room = _first_units(text, max(limit - len(ELLIPSIS), 0))
    space = max(room.rfind(" "), room.rfind("\n"))
    if space > 0.5 * len(room) and _is_within_word(text, len(room)):
        room = room[:space]
    return room.rstrip(" \n,;:-–—.(") + ELLIPSIS


def _ends_a_word(text: str, end: int) -> bool:
    """A full stop where the room ends may be the middle of a URL or a number."""
    return text[end - 1] == "\n" or end >= len(text) or text[end].isspace()


def _is_within_word(text: str, position: int) -> bool:
    return position < len(text) and not text[position].isspace()


def _first_units(text: str, limit: int) -> str:
    kept, used = [], 0
    for grapheme in graphemes(text[: limit + 64]):
        used += utf16_units(grapheme)
        if used > limit:
            break
        kept.append(grapheme)
    return "".join(kept)


def _clean(text: str) -> str:
    """Without NUL, lone surrogates and other control characters."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\r\n", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _lookalike(grapheme: str) -> str:
    """A mark's plain form; letters, digits, emoji and what has no short plain form stay."""
    if len(grapheme) != 1 or grapheme in GSM7_COST or unicodedata.category(grapheme) not in _MARKS:
        return grapheme
    plain = anyascii(grapheme)
    fits = 0 < len(plain) <= 3 and all(char in GSM7_COST for char in plain)
    return plain if fits else grapheme
