"""The word that asks for the rest of a cut answer, and the hint that offers it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import regex

from illumichat_sms_plugin.text.more_languages import LANGUAGES

_WORDS = frozenset(word for language in LANGUAGES.values() for word in language.words) | {"more"}
_POLITE = frozenset(
    (
        "please",
        "pls",
        "plz",
        "yes",
        "ok",
        "por favor",
        "s'il vous plaît",
        "svp",
        "stp",
        "bitte",
        "per favore",
        "si",
        "sí",
    )
)
_WORD = regex.compile(r"\p{L}+")
_MARKS = re.compile(r"[^\w\s']|_")
LONGEST = 40
"""Characters of a text that may ask for the rest."""
MIN_SHARE = 0.3
"""A script is the text's when so many of its letters are of it."""


def asks_for_more(text: str) -> bool:
    """Whether a whole text is MORE, or the word for it in one of the languages, perhaps with "please"."""
    if len(text) > LONGEST:
        return False
    said = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFC", text).casefold()).split())
    for polite in _POLITE:
        said = said.removesuffix(f" {polite}").removeprefix(f"{polite} ")
    return said in _WORDS


def more_hint(answer: str) -> str:
    """The sentence that offers the rest, in the answer's language; English where it is not known."""
    return LANGUAGES[language_of(answer)].hint


def language_of(text: str) -> str:
    """The language of a text, as good as a hint needs it: by its script, else by its commonest words."""
    found = _WORD.findall(text)
    letters = sum(map(len, found))
    if not letters:
        return "en"
    counts = Counter(text)
    different = "".join(counts)
    for name, language in LANGUAGES.items():
        if not language.script:
            continue
        of_script = sum(counts[char] for char in regex.findall(language.script, different))
        if of_script >= _needed(name, letters):
            return name
    words = Counter(map(str.casefold, found))
    known = {name: language.common for name, language in LANGUAGES.items() if language.common}
    scores = {name: sum(words[word] for word in common) for name, common in known.items()}
    best = max(scores, key=lambda name: (scores[name], name == "en"))
    return best if scores[best] > scores["en"] else "en"


def _needed(name: str, letters: int) -> float:
    # A few kana make a text Japanese, a few і Ukrainian; the rest of it looks like another language.
    return max(1.0, letters * (0.02 if name in ("ja", "uk") else MIN_SHARE))
