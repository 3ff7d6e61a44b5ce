"""What people paste: numbers and ids with marks that nobody sees.

A phone's contacts copy a number with marks of writing direction around it, web pages put zero-width spaces into
what may break, and word processors turn hyphens into dashes. None of it can be seen, so none of it is refused.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d\u00ad]")
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def without_marks(text: str) -> str:
    """``text`` without invisible marks and the white space around it."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _SELECTORS.sub("", visible).strip()


def plain_dashes(text: str) -> str:
    """``text`` with a hyphen for every kind of dash."""
    return _DASHES.sub("-", text)
