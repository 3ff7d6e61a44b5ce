"""What must stay whole when a text is cut: addresses, numbers, amounts, codes.

Half a phone number is another phone number, and half an address leads nowhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

Span = tuple[int, int]
"""Start and end of something in a text."""

_GAP = r"[\ \u00a0\u202f]"
_DASH = r"[-\u2010-\u2015\u2212]"
_CURRENCY = r"(?:[$€£¥₹₽₩₪₺]|(?:EUR|USD|GBP|CHF|CAD|AUD|JPY|INR|PLN|SEK|NOK|DKK|CZK|BRL|MXN|TRY|ZAR)\b)"
_UNIT = (
    rf"(?:{_CURRENCY}|%|°[CF]?|[ap]\.?m\b\.?|(?:km|kg|cm|mm|mg|ml|lb|lbs|oz|ft|min|hrs?|mi|Uhr|h|m|g|l)\b)"
)
_WHOLE = re.compile(
    rf"""
      https?://\S{{1,2000}}
    | (?<!\w)(?:
        (?<![.@/-])(?:
          [\w.+%-]{{1,64}}+@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,9}}                           # mail
        | [\w-]{{1,63}}+(?:\.[\w-]{{1,63}}+){{0,9}}\.[A-Za-z]{{2,24}}[/?\#:]\S{{1,2000}}     # no scheme
        | www\.\S{{1,2000}}
        )
      | [A-Z]{{2}}\d{{2}}(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?(?!\w)      # IBAN
      | (?<!\+)(?:{_CURRENCY}{_GAP}?)?(?:[*•xX][*•xX\ \u00a0-]{{1,24}}+)?[+(]{{0,2}}\d(?:(?:{_GAP}|{_DASH}|[().,'/:]){{0,3}}\d){{1,40}}
        (?:{_GAP}?{_UNIT})?                                                            # number, amount, time
      | (?<!\+)(?:{_CURRENCY}{_GAP}?)?\d{{1,9}}{_GAP}?{_UNIT}                            # 5 EUR
      | (?<!\+){_CURRENCY}{_GAP}?\d{{1,9}}
      | (?<!\S)(?=[^\s]{{0,63}}[\d@/\\_])[\x21-\x7e]{{1,200}}                            # code, path, handle
      )
    """,
    re.VERBOSE,
)
_LONGEST = 3000
"""Characters that any of them has at most, and more."""


def wholes(text: str, end: int) -> Iterator[Span]:
    """Start and end of everything in ``text`` before ``end`` that must not be divided, in order."""
    for found in _WHOLE.finditer(text, 0, end + _LONGEST):
        if found.start() >= end:
            return
        yield found.span()


def undivided(whole: Sequence[Span], cut: int) -> Span:
    """Where to cut instead of at ``cut``: before and behind what stands there; ``(cut, cut)`` when nothing does."""
    begun = bisect_left(whole, (cut, cut))
    return whole[begun - 1] if begun and cut < whole[begun - 1][1] else (cut, cut)
