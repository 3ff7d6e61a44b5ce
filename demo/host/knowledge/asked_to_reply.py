"""Understand the "C" that follows "Your appointment is at 10, reply C to confirm"."""

from __future__ import annotations

import re
from collections.abc import Sequence

ASKED = re.compile(r"\b(?:reply|text|answer|respond)\b", re.IGNORECASE)
CHOICE = re.compile(
    r"\b(?:reply|text|answer|respond|or|and)(?: with)? [\"'“‘]?(\w{1,12})[\"'”’]? to (\w.{0,59}?)(?=[.,;:!?\n]|\s(?:or|and)\s|$)",
    re.IGNORECASE,
)


def reply_to_what_was_asked(history: Sequence[tuple[str, str]]) -> str | None:
    """What to say to a text that is one of the words which the message before asked for; None to any other.

    ``history`` has (role, content), oldest first.
    """
    before = next((n for n in range(len(history) - 1, -1, -1) if history[n][0] == "assistant"), None)
    if before is None or not ASKED.search(history[before][1]):
        return None
    choices = {word.lower(): meant for word, meant in CHOICE.findall(history[before][1])}
    said = [
        " ".join(re.findall(r"\w+", text)).lower() for role, text in history[before + 1 :] if role == "user"
    ]
    meant = next((choices[word] for word in reversed(said) if word in choices), None)
    return f"Thank you. I have noted that you want to {meant}." if meant else None
