"""Whether a text looks as if its sender goes on writing: people send one thought in several texts."""

from __future__ import annotations

LONGEST = 500
"""Characters; who writes a longer text has said it."""

_LINKING = frozenset(
    [
        "and",
        "but",
        "or",
        "because",
        "the",
        "my",
        "your",
        "our",
        "und",
        "oder",
        "aber",
        "weil",
        "dass",
        "denn",
        "mein",
        "meine",
        "der",
        "die",
        "das",
        "pero",
        "porque",
        "para",
        "con",
        "mi",
        "los",
        "las",
        "et",
        "ou",
        "mais",
        "parce",
        "car",
        "avec",
        "mon",
        "les",
        "mas",
        "porque",
        "com",
        "meu",
        "minha",
    ]
)
"""Words that end no thought, in English, German, Spanish, French and Portuguese. Those that may, such as "so", are none."""


def looks_unfinished(body: str) -> bool:
    """By its end: a comma, a dash, dots, a bracket that stays open, or a word that links to the next.

    A single word is an answer ("or"), and dots after one are a mood ("ok...").
    """
    if len(body) >= LONGEST:
        return False
    text = body.rstrip()
    words = text.lower().split()
    if len(words) < 2:
        return text.endswith((",", "،", "、"))
    if text.endswith((",", ";", "…", "...", "،", "、", " -", " –", " —", "(")):
        return True
    return words[-1] in _LINKING
