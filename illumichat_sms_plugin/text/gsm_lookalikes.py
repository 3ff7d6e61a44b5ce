"""Typographic marks and their GSM-7 look-alikes.

One curly quote makes a text of 160 characters three segments instead of one. Marks, spaces and
invisible characters have plain forms that nobody misses; letters and digits of any script, currency
signs and emoji do not, and stay.
"""

from __future__ import annotations

import re
import unicodedata
from math import ceil

from illumichat_sms_plugin.text.segments import (
    GSM7_COST,
    GSM7_EXTENSION,
    SEGMENT_UNITS,
    Encoding,
    count_segments,
    utf16_units,
)

LOOKALIKES = {
    **dict.fromkeys("‘’‚‛′‵`´❛❜＇", "'"),
    **dict.fromkeys("“”„‟″‶«»〝〞❝❞", '"'),
    **dict.fromkeys("‹❮⟨〈", "<"),
    **dict.fromkeys("›❯⟩〉", ">"),
    **dict.fromkeys("‐‑‒–—―−⁃﹣－⸺⸻﹘〜", "-"),
    **dict.fromkeys("•‣◦▪●○■□◆►", "-"),
    **dict.fromkeys(
        "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
    ),
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
    "…": "...",
    "⋯": "...",
    "‥": "..",
    "⁄": "/",
    "∕": "/",
    "∗": "*",
    "⁎": "*",
    "∶": ":",
    "∙": ".",
    "⋅": ".",
    "∼": "~",
    "×": "x",
    "✕": "x",
    "✖": "x",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+/-",
    "→": "->",
    "➔": "->",
    "➜": "->",
    "⟶": "->",
    "➡": "->",
    "←": "<-",
    "↔": "<->",
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

_IN_CONTEXT = (
    (re.compile(r"(?<=\d)(?=[½¼¾⅓⅔])"), " "),  # 1½ is not 11/2
    (re.compile(r"°(?=\s?[CF]\b)"), ""),
    (re.compile(r"(?<!\w)·|·(?!\w)"), "-"),  # a bullet, not the Catalan l·l
)
_MARKS = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sk", "Zs"})
"""Unicode categories of punctuation, mathematical marks and spaces."""


def to_gsm_lookalikes(text: str) -> str:
    """The text, composed (NFC), with look-alikes where that makes a UCS-2 text GSM-7.

    A text that needs UCS-2 anyway, for its letters, emoji or a mark without a look-alike, keeps its typography, and
    so does one that would take more segments. Applying it twice changes nothing more.
    """
    composed = unicodedata.normalize("NFC", text)
    dear = set(composed) - GSM7_COST.keys()
    plain_forms: dict[str, str | int | None] = {char: _lookalike(char) for char in dear}
    if not dear or None in plain_forms.values():
        return composed
    plain = composed
    for pattern, replacement in _IN_CONTEXT:
        plain = pattern.sub(replacement, plain)
    plain = plain.translate(str.maketrans(plain_forms))
    return plain if _costs_no_more(plain, composed) else composed


def _costs_no_more(plain: str, composed: str) -> bool:
    """Whether the GSM-7 text takes at most the segments of the UCS-2 text. Only what is close is counted."""
    septets = len(plain) + sum(map(plain.count, GSM7_EXTENSION))
    most = _full(septets, "GSM-7", wasted=1)  # an extension character is not divided
    return (
        most <= _full(utf16_units(composed), "UCS-2")
        or count_segments(plain).segments <= count_segments(composed).segments
    )


def _full(units: int, encoding: Encoding, wasted: int = 0) -> int:
    """Segments for so many units when ``wasted`` of each but a single one stay unused."""
    single, part = SEGMENT_UNITS[encoding]
    return 1 if units <= single else ceil(units / (part - wasted))


def _lookalike(char: str) -> str | None:
    """The plain form of a character, or None when it has none that says the same.

    Beyond the table: the wide and small forms of a mark, which Unicode itself calls the same mark.
    """
    if char in LOOKALIKES:
        return LOOKALIKES[char]
    plain = unicodedata.normalize("NFKC", char)
    is_form = unicodedata.category(char) in _MARKS and not any(part.isalnum() for part in plain)
    return plain if is_form and GSM7_COST.keys() >= set(plain) else None
