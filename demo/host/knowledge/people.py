"""Hear that a texter wants a person, and say that one comes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from demo.host.knowledge.passages import Document
from demo.host.knowledge.words import normalise

PERSON = r"(?:human(?: being)?|person|agent|representative|rep|operator|manager|supervisor|employee|colleague|staff(?: member)?)"
SOMEBODY = rf"(?:an? |the |your |any |another |some )?(?:real |live |actual )?(?:{PERSON}|someone|somebody|anyone|anybody)"
WISHES = (
    rf"(?:talk|speak|chat|text)(?:ing)? (?:to|with) {SOMEBODY}",
    rf"{SOMEBODY} (?:that |who )?(?:i|we) (?:can|could|may) (?:talk|speak|chat) (?:to|with)",
    rf"(?:connect|transfer|pass|put|hand|switch)(?: me| us)?(?: on| over| through)? (?:to|with) {SOMEBODY}",
    rf"(?:get|give|send|find|want|need)(?: me| us)? (?:an? |the |your |another )?(?:real |live |actual )?{PERSON}",
    r"(?:can|could|would|will) (?:someone|somebody|anyone|anybody) (?:please )?(?:call|ring|phone) (?:me|us)",
    r"(?:not|don't|dont|stop|no more|tired of) (?:want(?: to)? |like |wanna )?(?:talk|speak|chat|text)(?:ing)? (?:to|with) (?:an? |the |your |this )?(?:bot|robot|machine|computer|ai)",
)
WISH = re.compile(rf"\b(?:{'|'.join(WISHES)})\b")
ALONE = re.compile(rf"(?:an? )?(?:real |live )?{PERSON}(?: please| now)*")
"""A text that is nothing but the word for one."""
DECLINES = re.compile(
    rf"\b(?:not|don't|dont|without|rather than|instead of|do (?:i|we) (?:have|need) to|must i) (?:\w+ ){{0,3}}(?:talk|speak|chat|text)(?:ing)? (?:to|with) {SOMEBODY}"
)


def asks_for_a_person(history: Sequence[tuple[str, str]]) -> bool:
    """Whether one of the user's texts since the last answer says so; ``history`` has (role, content), oldest first."""
    answered = max((n for n, (role, _) in enumerate(history) if role == "assistant"), default=-1)
    return any(_asks(text) for role, text in history[answered + 1 :] if role == "user")


def _asks(text: str) -> bool:
    plain = normalise(text)
    alone = ALONE.fullmatch(" ".join(re.findall(r"[\w']+", plain)))
    return bool(alone or (WISH.search(plain) and not DECLINES.search(plain)))


def contact_line(documents: Sequence[Document]) -> str | None:
    """The sentence that says how to reach a person otherwise."""
    for document in documents:
        if "contact" in document.title.lower():
            return next((line for line in document.sentences() if re.search(r"@|\d{3}", line)), None)
    return None
