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
    r"[*_`]*(?:[\[(【]\s*hand[\s_-]?off\b[*_`]*\s*[:：]?([^\])】]*)(?:[\])】]|\Z)|^\s*hand[\s_-]?off\s*[:：](.*)$)[*_`]*",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, as Markdown. ``handoff`` says in one line why a person is to go on, and is empty when none is."""

    text: str
    handoff: str = ""


def read_reply(said: str) -> Reply:
    """What a language model said, without the mark; in any of the ways in which models write it."""
    marks = list(_MARK.finditer(said))
    if not marks:
        return Reply(said)
    text = re.sub(r"\n{3,}", "\n\n", _MARK.sub("", said)).strip()
    why = " ".join((marks[0][1] or marks[0][2] or "").split())[:LONGEST_REASON]
    return Reply(text or SOMEONE_COMES, why or NO_REASON)
