"""What must stay whole when a text is cut: addresses, numbers, amounts, codes.

Half a phone number is another phone number, and half an address leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_GAP = r"[\ \u00a0\u202f]"
_DASH = r"[-\u2010-\u2015\u2212]"
_CURRENCY = r"(?:[$€£¥₹₽₩₪₺]|(?:EUR|USD|GBP|CHF|CAD|AUD|JPY|INR|PLN|SEK|NOK|DKK|CZK|BRL|MXN|TRY|ZAR)\b)"
_UNIT = (
    rf"(?:{_CURRENCY}|%|°[CF]?|[ap]\.?m\b\.?|(?:km|kg|cm|mm|mg|ml|lb|lbs|oz|ft|min|hrs?|mi|Uhr|h|m|g|l)\b)"
)
_WHOLE = re.compile(
    rf"""
      https?://\S{{1,2000}}
    | (?<![\w.@/-])[\w.+%-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,9}}          # mail
    | (?<![\w.@/-])[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,9}}\.[A-Za-z]{{2,24}}[/?\#:]\S{{1,2000}}   # no scheme
    | (?<![\w.@/-])www\.\S{{1,2000}}
    | (?<!\w)[A-Z]{{2}}\d{{2}}(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?(?!\w)    # IBAN
    | (?<![\w+])(?:{_CURRENCY}{_GAP}?)?(?:[*•xX][*•xX\ \u00a0-]{{1,24}})?[+(]{{0,2}}\d(?:(?:{_GAP}|{_DASH}|[().,'/:]){{0,3}}\d){{1,40}}
      (?:{_GAP}?{_UNIT})?                                                          # number, amount, time
    | (?<![\w+])(?:{_CURRENCY}{_GAP}?)?\d{{1,9}}{_GAP}?{_UNIT}                       # 5 EUR
    | (?<![\w+]){_CURRENCY}{_GAP}?\d{{1,9}}
    | (?<!\S)(?=[^\s]{{0,63}}[\d@/\\_])[\x21-\x7e]{{1,200}}                          # code, path, handle
    """,
    re.VERBOSE,
)


def wholes(text: str, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of everything in ``text`` before ``end`` that must not be divided, in order."""
    for found in _WHOLE.finditer(text):
        if found.start() >= end:
            return
        yield found.span()


def undivided(text: str, cut: int) -> tuple[int, int]:
    """Where to cut instead of at ``cut``: before and behind what stands there; ``(cut, cut)`` when nothing does."""
    for start, end in wholes(text, cut):
        if start < cut < end:
            return start, end
    return cut, cut
