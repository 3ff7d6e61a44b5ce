"""Typographic marks and their GSM-7 look-alikes.

One curly quote makes a text of 160 characters three segments instead of one. Marks, spaces and
invisible characters have plain forms that nobody misses; letters and digits of any script, currency
signs and emoji do not, and stay.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from illumichat_sms_plugin.text.segments import GSM7_COST, count_segments, graphemes

LOOKALIKES = {
    **dict.fromkeys("‘’‚‛′‵`´", "'"),
    **dict.fromkeys("“”„‟″‶«»〝〞", '"'),
    **dict.fromkeys("‹", "<"),
    **dict.fromkeys("›", ">"),
    **dict.fromkeys("‐‑‒–—―−⁃﹣－", "-"),
    **dict.fromkeys("•‣◦▪●○■□◆►", "-"),
    **dict.fromkeys(
        "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
    ),
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
    "…": "...",
    "‥": "..",
    "⁄": "/",
    "×": "x",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+/-",
    "→": "->",
    "➔": "->",
    "➜": "->",
    "←": "<-",
    "⇒": "=>",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "⅓": "1/3",
    "⅔": "2/3",
    "²": "^2",
    "³": "^3",
    "™": "(TM)",
    "®": "(R)",
    "©": "(C)",
    "№": "No.",
    "°": " deg",
    "·": ".",
}
"""What a mark becomes; every value is GSM-7."""

_TABLE = str.maketrans(LOOKALIKES)
_IN_CONTEXT = (
    (re.compile(r"(?<=\d)(?=[½¼¾⅓⅔])"), " "),  # 1½ is not 11/2
    (re.compile(r"°(?=\s?[CF]\b)"), ""),
    (re.compile(r"(?<!\w)·|·(?!\w)"), "-"),  # a bullet, not the Catalan l·l
)
_MARKS = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sk", "Zs"})
"""Unicode categories of punctuation, mathematical marks and spaces."""


def to_gsm_lookalikes(text: str) -> str:
    """The text, composed (NFC), with look-alikes where that makes a UCS-2 text GSM-7.

    A text that needs UCS-2 anyway, for its letters or emoji, keeps its typography, and so does one
    that would take more segments. Applying it twice changes nothing more.
    """
    composed = unicodedata.normalize("NFC", text)
    before = count_segments(composed)
    if before.encoding == "GSM-7":
        return composed
    plain = composed
    for pattern, replacement in _IN_CONTEXT:
        plain = pattern.sub(replacement, plain)
    plain = "".join(_lookalike(grapheme) for grapheme in graphemes(plain.translate(_TABLE)))
    after = count_segments(plain)
    return plain if after.encoding == "GSM-7" and after.segments <= before.segments else composed


def _lookalike(grapheme: str) -> str:
    """The plain form of a mark that the table does not know, when it has one of marks only."""
    if grapheme in GSM7_COST or len(grapheme) != 1 or unicodedata.category(grapheme) not in _MARKS:
        return grapheme
    plain = anyascii(grapheme)
    fits = (
        0 < len(plain) <= 3 and not any(char.isalnum() for char in plain) and GSM7_COST.keys() >= set(plain)
    )
    return plain if fits else grapheme
