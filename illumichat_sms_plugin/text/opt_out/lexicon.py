"""The word lists of all languages, put together: what to look for behind which word.

A text is not asked for its language: people mix them, and a wish counts in each. The lists are the files of
``languages/``; a further language is a further file.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files

from illumichat_sms_plugin.text.opt_out.folding import normalise
from illumichat_sms_plugin.text.opt_out.phrases import COMMON, Phrase, PhraseBook


class Kind(IntEnum):
    """What finding a phrase means. Of two phrases that are as long, the one named first here counts."""

    NO = 0
    """Looks like a wish and is none: "don't stop", "the bus stop"."""
    CERTAIN = 1
    """A wish where its clause says nothing else."""
    CERTAIN_ALONE = 2
    """A wish where the whole text says nothing else."""
    POSSIBLE = 3
    """May be a wish, whatever stands beside it."""
    POSSIBLE_ALONE = 4
    """May be a wish where the whole text says nothing else."""
    REPORTS = 5
    """Its sentence tells of somebody else's wish: "he said stop texting him"."""
    ASKS = 6
    """What follows in its clause is asked about: "what does STOP do"."""
    LOOSE = 7
    """May be a wish where no other phrase was found: words that are near each other."""
    BESIDE = 8
    """Says nothing about the wish it stands beside: politeness, a reason, a threat."""


WISHES = frozenset({Kind.CERTAIN, Kind.CERTAIN_ALONE, Kind.POSSIBLE, Kind.POSSIBLE_ALONE})
NOT_HERE = frozenset({Kind.NO, Kind.REPORTS, Kind.ASKS})
"""Where one of these stands, nothing is guessed from words that are near each other."""
ALONE = frozenset({Kind.CERTAIN_ALONE, Kind.POSSIBLE_ALONE})


@dataclass(frozen=True, slots=True)
class Rule:
    """Phrases that mean the same, in one language."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages together."""

    by_first_word: Mapping[str, Sequence[tuple[Rule, Phrase]]]
    loose: Mapping[str, Sequence[tuple[Rule, Phrase]]]
    triggers: frozenset[str]
    """Without one of these words, no text has a wish."""
    triggers_of_few: frozenset[str]
    """The same for short texts, of which more are wishes: "leave", "I want out"."""
    noise: frozenset[str]
    limits: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """Read once; ValueError for a file that cannot be used."""
    by_first_word: dict[str, list[tuple[Rule, Phrase]]] = defaultdict(list)
    loose: dict[str, list[tuple[Rule, Phrase]]] = defaultdict(list)
    triggers: set[str] = set()
    triggers_of_few: set[str] = set()
    noise: set[str] = set()
    limits: set[str] = set()
    for code, table in languages().items():
        noise |= {normalise(word) for word in table.get("noise", ())}
        limits |= {normalise(word) for word in table.get("limits", ())}
        for rule, phrase in _phrases(code, table):
            for word in phrase.first_words:
                (loose if rule.kind is Kind.LOOSE else by_first_word)[word].append((rule, phrase))
            if rule.kind in WISHES or rule.kind is Kind.LOOSE:
                is_of_few = rule.kind in ALONE and not phrase.rarest_words.isdisjoint(COMMON)
                (triggers_of_few if is_of_few else triggers).update(phrase.rarest_words)
    return Lexicon(
        dict(by_first_word),
        dict(loose),
        frozenset(triggers),
        frozenset(triggers | triggers_of_few),
        frozenset(noise),
        frozenset(limits),
    )


@cache
def languages() -> Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]:
    """The tables of the word lists by their language (ISO 639-1)."""
    folder = files("illumichat_sms_plugin.text.opt_out") / "languages"
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    return {file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in found}


def _phrases(code: str, table: Mapping[str, Mapping[str, Sequence[str]]]) -> list[tuple[Rule, Phrase]]:
    book = PhraseBook(table.get("classes", {}))
    return [
        (Rule(f"{code}: {name}", kind), book.read(source))
        for kind in Kind
        for name, sources in table.get(kind.name.lower(), {}).items()
        for source in sources
    ]
