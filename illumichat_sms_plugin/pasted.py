"""What people paste: numbers and ids with marks that nobody sees.

A phone's contacts copy a number with marks of writing direction around it, web pages put zero-width spaces into
what may break, and word processors turn hyphens into dashes. None of it can be seen, so none of it is refused.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d\u00ad]")
SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def without_marks(text: str) -> str:
    """``text`` without invisible marks and the white space around it."""
    return SELECTORS.sub("", "".join(filter(is_visible, text))).strip()


def is_visible(char: str) -> bool:
    """Whether a character is none of those that only format."""
    return unicodedata.category(char) != "Cf"


def plain_dashes(text: str) -> str:
    """``text`` with a hyphen for every kind of dash."""
    return _DASHES.sub("-", text)
