"""Phrases as the word lists write them, compiled to something that finds them.

    stop {texting} [{me}]          a class of words in braces, what may be missing in brackets
    (do not|dont) text {me}        one of several
    stop {these}* {texts}          any number of a class, also none
    not ... {texting}              up to three words between, whatever they are

A phrase is found in folded words that each end with a space, so ``stop`` never finds ``stopped``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from illumichat_sms_plugin.text.opt_out.folding import normalise

_TOKEN = re.compile(r"\{(\w+)\}|([\[\]()|*])|([^\s\[\]()|*{}]+)")
COMMON = frozenset(
    normalise(
        "a ab about add again all already am an and any are at auf aus back be bitte ca can com como could "
        "de der des did die do does don dont du e el em en es etre favor for from get go gracias had have he "
        "hell her how i ich id if ill im in is it ja je just keine keinen know la le leave les let like mais "
        "make mal me mehr mein meine merci meu mi mich minha mir mit moi mon more my nao ne need never nicht nie "
        "no nos not nous now não o of off on one only or os para pas please pls plus plz por possible puedo "
        "put que se sem send ser sie sin so some stand sus take te thank thanks that the these they "
        "this thx to too u un una und up us von vous was way ways we werden what when where who why wie "
        "with would y ya you your "
    ).split()
)
"""Words that ordinary texts are full of: a phrase is rather looked for when a rarer word of it is there."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a phrase: its expression, the words it may begin with, whether it may be missing, and the sets
    of words of which one must be there."""

    expression: str
    first: frozenset[str]
    may_be_missing: bool
    needs: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Phrase:
    """One phrase of a rule."""

    source: str
    part: _Part

    @property
    def first_words(self) -> frozenset[str]:
        """What every find of it begins with."""
        return self.part.first

    @cached_property
    def finder(self) -> re.Pattern[str]:
        """Compiled when it is first needed: there are hundreds of phrases, and most are never looked for."""
        return re.compile(self.part.expression)

    @property
    def rarest_words(self) -> frozenset[str]:
        """Words of which each find of it has one: the rarest that there are."""
        return _rarest(self.part.needs)


class PhraseBook:
    """Reads the phrases of one language, with its classes of words; ValueError for one that cannot be read."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        self._sources = classes
        self._classes: dict[str, _Part] = {}

    def read(self, source: str) -> Phrase:
        """The phrase that ``source`` describes."""
        tokens = [_word(*found) for found in _TOKEN.findall(source)]
        part, rest = self._alternatives(tokens, 0)
        if rest != len(tokens) or part.may_be_missing:
            raise ValueError(f"{source!r} is no phrase")
        return Phrase(source, part)

    def _class(self, name: str) -> _Part:
        if name not in self._classes:
            self._classes[name] = _one_of([self.read(word).part for word in self._sources[name]])
        return self._classes[name]

    def _alternatives(self, tokens: Sequence[str], at: int) -> tuple[_Part, int]:
        branches = []
        while True:
            branch, at = self._sequence(tokens, at)
            branches.append(branch)
            if at == len(tokens) or tokens[at] != "|":
                return _one_of(branches), at
            at += 1

    def _sequence(self, tokens: Sequence[str], at: int) -> tuple[_Part, int]:
        parts: list[_Part] = []
        while at < len(tokens) and tokens[at] not in ("|", ")", "]"):
            token, at = tokens[at], at + 1
            if token in ("(", "["):
                part, at = self._alternatives(tokens, at)
                if at == len(tokens) or tokens[at] != {"(": ")", "[": "]"}[token]:
                    raise ValueError(f"unclosed {token} in {' '.join(tokens)!r}")
                at += 1
                part = _optional(part, "?") if token == "[" else part  # noqa: S105 - a bracket
            elif token == "...":  # noqa: S105 - any words
                part = _Part(r"(?:\S+ ){0,3}?", frozenset(), True, ())
            elif token.startswith("{"):
                part = self._class(token[1:-1])
            else:
                part = _Part(re.escape(token) + " ", frozenset({token}), False, (frozenset({token}),))
            if at < len(tokens) and tokens[at] == "*":
                part, at = _optional(part, "*"), at + 1
            parts.append(part)
        return _in_line(parts), at


def _rarest(needs: Iterable[frozenset[str]]) -> frozenset[str]:
    return min(needs, key=lambda words: (len(words & COMMON), len(words)))


def _word(class_name: str, mark: str, word: str) -> str:
    return f"{{{class_name}}}" if class_name else mark or ("..." if word == "..." else normalise(word))


def _in_line(parts: Sequence[_Part]) -> _Part:
    first: frozenset[str] = frozenset()
    for part in parts:
        first |= part.first
        if not part.may_be_missing:
            break
    return _Part(
        "".join(part.expression for part in parts),
        first,
        all(part.may_be_missing for part in parts),
        tuple(words for part in parts for words in part.needs),
    )


def _one_of(branches: Sequence[_Part]) -> _Part:
    if len(branches) == 1:
        return branches[0]
    # The longest first: of "text" and "text messages", the latter is meant where both fit.
    by_length = sorted(branches, key=lambda branch: -len(branch.expression))
    missing = any(branch.may_be_missing for branch in branches)
    needs = () if missing else (_union(_rarest(branch.needs) for branch in branches),)
    expression = f"(?:{'|'.join(branch.expression for branch in by_length)})"
    return _Part(expression, _union(branch.first for branch in branches), missing, needs)


def _optional(part: _Part, how_often: str) -> _Part:
    return _Part(f"(?:{part.expression}){how_often}", part.first, True, ())


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
