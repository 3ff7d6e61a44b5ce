"""Make an assistant's answer fit for SMS: plain, cheap in segments, cut so that it reads as an end."""

from __future__ import annotations

import re
import unicodedata

from illumichat_sms_plugin.text.cutting import Cut, cut
from illumichat_sms_plugin.text.gsm_lookalikes import to_gsm_lookalikes
from illumichat_sms_plugin.text.machine.machine_text import without_machine_text
from illumichat_sms_plugin.text.markdown.plain_text import plain_text
from illumichat_sms_plugin.text.more_words import more_hint
from illumichat_sms_plugin.text.segments import utf16_units

__all__ = ["Cut", "fit", "fit_for_sms", "next_part", "truncate"]

MAX_ANSWER = 10_000
"""Characters of an answer that are read; an SMS takes 1600."""

_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MANY_LINES = re.compile(r"\n{3,}")


def fit_for_sms(answer: str, max_length: int) -> str:
    """The answer as plain text of at most ``max_length`` UTF-16 units; "" only when it says nothing to a person."""
    return fit(answer, max_length).shown


def fit(answer: str, max_length: int, *, offer_more: bool = False) -> Cut:
    """The answer as it goes out, and what did not fit. ``offer_more`` ends a cut answer with a hint.

    Work and memory are bounded for an answer of any size.
    """
    text = _clean(without_machine_text(answer)[:MAX_ANSWER]).strip()
    shown = to_gsm_lookalikes(_tidy(plain_text(text)) or _tidy(text))
    return next_part(shown, max_length, offer_more=offer_more)


def next_part(text: str, max_length: int, *, offer_more: bool = False) -> Cut:
    """As much of a text that is plain already as one message takes, and what is left."""
    part = cut(text, max_length, "\n" + more_hint(text) if offer_more else "")
    cheaper = to_gsm_lookalikes(part.shown)  # what forced UCS-2 may have been cut off
    return Cut(cheaper, part.rest) if utf16_units(cheaper) <= max_length else part


def truncate(text: str, limit: int) -> str:
    """The beginning of a text in at most ``limit`` UTF-16 units, cut where it reads as an end."""
    return cut(text, limit).shown


def _clean(text: str) -> str:
    """Without NUL, lone surrogates and other control characters; every line break is ``\\n``."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _CONTROL.sub("", _LINE_BREAK.sub("\n", text))


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, at most one empty line in a row; "" when nothing is visible."""
    text = _clean(text)
    if not any(unicodedata.category(char)[0] not in "CZ" for char in text):
        return ""
    return _MANY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
