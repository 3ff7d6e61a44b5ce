"""How many segments a text takes: GSM 03.38 septets, else UCS-2 units.

One part holds 160 septets or 70 units; of several parts each holds 153 or 67. An escape pair and a
grapheme are not split between parts.
"""

from __future__ import annotations

import regex

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_LOOK_ALIKES = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": ",",
        "‛": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "′": "'",
        "″": '"',
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\t": " ",
        "`": "'",
        "´": "'",
    }
)


def smart_encoded(text: str) -> str:
    """The text with typographic characters replaced by GSM-7 look-alikes, as ``SmartEncoded`` does."""
    return text.translate(_LOOK_ALIKES)


def utf16_units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_segments(text: str) -> int:
    """Segments of the text; an empty one still takes one."""
    if all(c in _BASIC or c in _EXTENSION for c in text):
        return _parts([2 if c in _EXTENSION else 1 for c in text], single=160, part=153)
    return _parts([utf16_units(g) for g in regex.findall(r"\X", text)], single=70, part=67)


def _parts(sizes: list[int], *, single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part and used:
            parts, used = parts + 1, 0
        used += size
        while used > part:  # a grapheme longer than a whole part is split after all
            parts, used = parts + 1, used - part
    return parts
