"""Make an assistant's answer fit for SMS: plain, cheap in segments, cut so that it reads as an end."""

from __future__ import annotations

import re
import unicodedata

import regex

from illumichat_sms_plugin.text.gsm_lookalikes import to_gsm_lookalikes
from illumichat_sms_plugin.text.markdown_text import plain_text
from illumichat_sms_plugin.text.segments import graphemes, utf16_units

__all__ = ["fit_for_sms", "plain_text", "to_gsm_lookalikes", "truncate"]

MAX_ANSWER = 10_000
"""Characters of an answer that are looked at; an SMS takes 1600."""
ELLIPSIS = "..."
SENTENCE_PART = 0.6
"""A sentence that ends before this part of the room is too short a text; then a word's end will do."""

_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SENTENCE_END = regex.compile(
    r"""[.!?…؟।]++["'”’»)\]]*+(?=\s++(?!\p{Ll})|\s*+$)"""
    r"""|[。！？]++[」』”）]*+"""
    r"""|(?=\n)(?<=^ *(?:[-+*]|\d+[.)])\s[^\n]*[^\s:,;])""",
    regex.MULTILINE,
)
"""A full stop and the like, and the end of a list item; what goes on in lower case has not ended."""
_NO_SENTENCE_END = regex.compile(
    r"(?:\b(?:e\.g|i\.e|etc|Mr|Mrs|Ms|Dr|Prof|St|No|vs|approx|ca|z\.B|bzw|\p{Lu})|^ *\d+)\.$",
    regex.MULTILINE,
)
_ADDRESS = re.compile(r"\s*[(<\[\"']*(?:https?://|www\.|[^\s@]{1,64}@\w)", re.IGNORECASE)
_DANGLING = regex.compile(r"""(?:\n\s*(?:[-+*>]|\d+[.)])|[\s,;:.(\[{<«“„"'‘–—-])+$""")
"""What may not stand before the dots: an opened bracket, a comma, the mark of an item that is not there."""


def fit_for_sms(answer: str, max_length: int) -> str:
    """The answer as plain text of at most ``max_length`` UTF-16 units; "" only when it says nothing.

    Work and memory are bounded for an answer of any size.
    """
    text = _clean(answer.strip()[:MAX_ANSWER])
    shown = to_gsm_lookalikes(_tidy(_clean(plain_text(text))) or _tidy(text))
    cut = truncate(shown, max_length)
    cheaper = to_gsm_lookalikes(cut)  # what forced UCS-2 may have been cut off
    return cheaper if utf16_units(cheaper) <= max_length else cut


def truncate(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` UTF-16 units, cut where it reads as an end.

    That is the end of a sentence or list item in the last part of the room, else the end of a word
    with ``...`` after it; never within a grapheme, and within a URL only when nothing else is there.
    Twilio does not say in what it counts its 1600; UTF-16 units are the most it can mean.
    """
    text = text.strip()
    if len(text) <= limit and utf16_units(text) <= limit:
        return text
    room = _first_units(text, limit)
    if not room:  # one grapheme fills it all: a letter under a heap of accents
        return text[: max(limit, 0) // 2]
    shorter = _first_units(text, limit - len(ELLIPSIS))
    if not shorter:
        return room.rstrip()
    return _to_sentence_end(text, len(room)) or (_to_word_end(text, shorter) or shorter) + ELLIPSIS


def _to_sentence_end(text: str, room: int) -> str:
    """The text up to the last end of a sentence within ``room`` characters, or ""."""
    ends = [
        found.end()
        for found in _SENTENCE_END.finditer(text[: room + 2])
        if SENTENCE_PART * room <= found.end() <= room
        and not _NO_SENTENCE_END.search(text, max(0, found.end() - 12), found.end())
    ]
    return text[: ends[-1]].rstrip() if ends else ""


def _to_word_end(text: str, room: str) -> str:
    """``room`` without the word that it cuts; "" when that would leave nothing."""
    head = room
    if not text[len(room)].isspace():
        last_space = max(room.rfind(" "), room.rfind("\n"))
        if last_space > len(room) / 2 or (last_space > 0 and _ADDRESS.match(text, last_space)):
            head = room[:last_space]
    return _DANGLING.sub("", head)


def _first_units(text: str, limit: int) -> str:
    """As many whole graphemes from the start as ``limit`` UTF-16 units hold."""
    kept, used = [], 0
    for grapheme in graphemes(text[: max(limit, 0) + 1]):
        used += utf16_units(grapheme)
        if used > limit:
            break
        kept.append(grapheme)
    return "".join(kept)


def _clean(text: str) -> str:
    """Without NUL, lone surrogates and other control characters; every line break is ``\\n``."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _LINE_BREAK.sub("\n", text)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, at most one empty line in a row; "" when nothing is visible."""
    if not any(unicodedata.category(char)[0] not in "CZ" for char in text):
        return ""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
