"""Show what strangers wrote as it is: characters that have no shape, or turn the line round, get one.

A right-to-left override makes the name of a program read as that of a picture; an invisible character hides a
difference. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
"""

from __future__ import annotations

import unicodedata

from illumichat_sms_plugin.languages.wording import Wording

_KEPT = frozenset("\n\t\u200d")
"""Line ends and tabs are shown by the page itself; the joiner holds emoji together."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible_text(text: str) -> str:
    """``text`` with every control and formatting character written out, such as ``␀`` or ``⟨U+202E⟩``."""
    if isinstance(text, Wording):
        return Wording(lambda language: visible_text(text.told(language)))
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text.replace("\r\n", "\n")))


def _visible(char: str) -> str:
    if char in _KEPT or unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
