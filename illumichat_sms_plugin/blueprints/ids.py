"""Our own ids in addresses: strings of digits outside, integers inside."""

from __future__ import annotations

from illumichat_sms_plugin.errors import NotFound


def our_id(text: str, sentence: str) -> int:
    """The number that ``text`` spells; what could never be an id is as missing as any other (NotFound)."""
    if text.isascii() and text.isdigit() and len(text) <= 18 and text[0] != "0":
        return int(text)
    raise NotFound(sentence)
