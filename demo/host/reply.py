"""What an assistant replies, and how a language model marks a reply after which a person is to go on.

The mark is plain words in brackets and no tool call: every model and every endpoint can write it, also the small ones
that take no tools. A texter who writes it gets no further by that than by asking for a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HOW_TO_HAND_OFF = (
    "You cannot do anything beyond answering. If the user asks for a person, or needs what only a person can do, "
    "say that you will get someone who answers here, and end your answer with a line [hand off: why, in a few words]. "
    "The user does not see that line."
)
SOMEONE_COMES = "I'll get someone. A person will answer you here."
NO_REASON = "It did not say why."
LONGEST_REASON = 200
_MARK = re.compile(
    r"[*_`]{0,3}(?P<bracket>[\[(【])\s*[*_`]{0,3}hand[\s_-]?off\b[*_`]{0,3}\s*[:：]?"
    r"|^[ \t*_`]*hand[\s_-]?off[*_`]*[ \t]*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSES = {"[": "]", "(": ")", "【": "】"}
_REST = re.compile(r"[\])】]?[*_`]*")
"""What belongs to a mark behind its reason."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, as Markdown. ``handoff`` says in one line why a person is to go on, and is empty when none is."""

    text: str
    handoff: str = ""


def read_reply(said: str) -> Reply:
    """What a language model said, without the mark; in any of the ways in which models write it."""
    kept, place = "", 0
    reasons: list[str] = []
    while found := _MARK.search(said, place):
        end = _end_of(said, found)
        kept += said[place : found.start()]
        reasons.append(" ".join(said[found.end() : end].strip(" *_`").split()))
        place = next(_REST.finditer(said, end)).end()
    if not reasons:
        return Reply(said)
    text = re.sub(r"\n{3,}", "\n\n", kept + said[place:]).strip()
    return Reply(text or SOMEONE_COMES, reasons[0][:LONGEST_REASON] or NO_REASON)


def _end_of(said: str, mark: re.Match[str]) -> int:
    """Where a mark's reason ends: at the bracket that closes it, which may have others inside, or with the line or text."""
    if not (bracket := mark["bracket"]):
        line_end = said.find("\n", mark.end())
        return len(said) if line_end < 0 else line_end
    depth = 1
    for place in range(mark.end(), len(said)):
        depth += (said[place] == bracket) - (said[place] == _CLOSES[bracket])
        if not depth:
            return place
    return len(said)
