"""Whether a text wishes to get no more texts: certainly, possibly, or not.

A longer and longer expression for wishes does not get there, so the words are counted instead:

1. Each stretch of a text that a phrase of the word lists fits is taken for that phrase, the longest first.
2. What is left over decides. Where a wish stands and nothing is left over, the wish is certain.
3. Where a wish stands among words that nobody understands here, it is possible, and the texter is asked.

Pure and total. What was found is named with its rule and its words, so that people can follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from illumichat_sms_plugin.text.opt_out.folding import fold
from illumichat_sms_plugin.text.opt_out.lexicon import NOT_HERE, WISHES, Kind, Lexicon, Rule, lexicon

LONGEST = 1600
"""Characters; Twilio's limit for a text. What is longer is no wish."""
FEW = 10
"""Words; only a short text is looked at for words written in other ways, as "S T O P"."""
FEW_LENGTHENED = 4
MOST_UNKNOWN = 12
"""Words of a clause beside a possible wish; among more than that, the text is about something else."""
MOST_GUESSED = 20
"""Words of a clause in which words near each other are looked for."""
_SHOUTED = re.compile(r"^\W*STOP\b(?!\W*\d)|\b(?:STOP|UNSUBSCRIBE)(?=\s*[.!]*\s*$)", re.MULTILINE)
_QUOTED = re.compile(r"[“«„][^“”«»„]*[”»“]|\"[^\"]*\"")
_SENTENCE_END = re.compile(r"[!?;\n()]+|[.…]+(?=\s|$)|\s[-–—]+\s")
_CLAUSE_END = re.compile(r"[,:—–]")
_SPACED = re.compile(r"(?<!\S)\w(?: \w){2,}(?!\S)")
_LENGTHENED = re.compile(r"(\w)\1\1+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish that was found: ``certain`` or possible, by which rule, in which (folded) words."""

    certain: bool
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class _Find:
    """Words that a phrase fits, or one word that none fits (``rule`` is None)."""

    rule: Rule | None
    words: str


def find_wish(body: str, words: Sequence[str] | None = None) -> Wish | None:
    """The wish that ``body`` has, or None. ``words`` are its folded words, for who has them already.

    The first look costs microseconds: without one of some hundred words, no text has a wish.
    """
    if len(body) > LONGEST:
        return None
    lists = lexicon()
    if words is None:
        words = fold(body).split()
    triggers = lists.triggers
    if len(words) <= FEW:
        words, triggers = _as_meant(words), lists.triggers_of_few
    if triggers.isdisjoint(words):
        return None
    sentences = list(_sentences(body))
    clauses = [[_scan(clause, lists) for clause in sentence] for sentence in sentences]
    wish = _judge(clauses, lists)
    if (wish is None or not wish.certain) and any(len(sentence) > 1 for sentence in sentences):
        # A comma may also stand inside a wish: "hören Sie auf, mir zu schreiben".
        whole = _judge([[_scan([*chain(*sentence)], lists)] for sentence in sentences], lists)
        wish = whole if whole and whole.certain else wish or whole
    return wish or _guess(clauses, lists) or _shouted(body, clauses)


def _as_meant(words: Sequence[str]) -> Sequence[str]:
    """A short text with its lengthened and spaced-out words as they are meant: "stoooop", "s t o p"."""
    if sum(len(word) == 1 for word in words) > 2:
        words = _SPACED.sub(lambda found: found.group().replace(" ", ""), " ".join(words)).split()
    if len(words) > FEW_LENGTHENED:
        return words
    return [_LENGTHENED.sub(r"\1", word) if len(word) > 4 else word for word in words]


def _sentences(body: str) -> Iterator[list[Sequence[str]]]:
    """The clauses of each sentence as words. Quotations are left out where they are not the whole text."""
    outside = _QUOTED.sub(" ", body)
    if not fold(outside).strip():
        outside = body
    for sentence in _SENTENCE_END.split(outside):
        clauses = [_as_meant(fold(clause).split()) for clause in _CLAUSE_END.split(sentence)]
        if found := [clause for clause in clauses if clause]:
            yield found


def _scan(words: Sequence[str], lists: Lexicon) -> list[_Find]:
    """A clause divided into what the phrases fit and the words between, from left to right."""
    words = [word for word in words if word not in lists.noise]
    text = "".join(f"{word} " for word in words)
    finds, at, place = [], 0, 0
    while at < len(words):
        rule, end = _longest(words[at], text, place, lists)
        taken = text[place:end].strip() if rule else words[at]
        finds.append(_Find(rule, taken))
        at += taken.count(" ") + 1
        place += len(taken) + 1
    return finds


def _longest(word: str, text: str, place: int, lists: Lexicon) -> tuple[Rule | None, int]:
    best: Rule | None = None
    end = place
    for rule, phrase in lists.by_first_word.get(word, ()):
        found = phrase.finder.match(text, place)
        if found and (found.end() > end or (found.end() == end and best and rule.kind < best.kind)):
            best, end = rule, found.end()
    return best, end


def _judge(sentences: Sequence[Sequence[Sequence[_Find]]], lists: Lexicon) -> Wish | None:
    finds = [find for sentence in sentences for clause in sentence for find in clause]
    understood = all(map(_says_nothing_else, finds))
    if understood and (wish := _first(finds, Kind.CERTAIN, Kind.CERTAIN_ALONE)):
        return _wish(wish, certain=True)
    possible = None
    for sentence in sentences:
        heard = [clause for clause in sentence if not _first(clause, Kind.REPORTS)]
        if len(heard) < len(sentence):
            continue
        limited = any(
            find.rule is None and find.words in lists.limits for clause in sentence for find in clause
        )
        for clause in heard:
            said = _before_question(clause)
            wish = _first(said, Kind.CERTAIN)
            if wish and not limited and all(map(_says_nothing_else, clause)):
                return _wish(wish, certain=True)
            if possible is None and sum(find.rule is None for find in clause) <= MOST_UNKNOWN:
                possible = wish or _first(said, Kind.POSSIBLE)
    if possible is None and understood:
        possible = _first(finds, Kind.POSSIBLE_ALONE)
    if (
        possible is None
        and len(sentences[-1]) + len(sentences) > 2
        and all(map(_says_nothing_else, sentences[-1][-1]))
    ):
        possible = _first(sentences[-1][-1], Kind.CERTAIN_ALONE)
    return _wish(possible, certain=False) if possible else None


def _shouted(body: str, sentences: Sequence[Sequence[Sequence[_Find]]]) -> Wish | None:
    """A STOP in capitals that begins or ends an ordinary text: "For the last time STOP"."""
    if any(_first(clause, *NOT_HERE) for sentence in sentences for clause in sentence):
        return None
    found = _SHOUTED.search(body)
    return (
        Wish(False, "STOP in capitals", found.group().strip().lower())
        if found and body != body.upper()
        else None
    )


def _guess(sentences: Sequence[Sequence[Sequence[_Find]]], lists: Lexicon) -> Wish | None:
    """A wish in words that are near each other, where nothing says that they are no wish."""
    for sentence in sentences:
        if any(_first(clause, Kind.REPORTS) for clause in sentence):
            continue
        for clause in sentence:
            if _first(clause, *NOT_HERE) or len(clause) > MOST_GUESSED:
                continue
            text = "".join(f"{find.words} " for find in clause)
            place = 0
            for word in text.split():
                for rule, phrase in lists.loose.get(word, ()):
                    if found := phrase.finder.match(text, place):
                        return Wish(False, rule.name, found.group().strip())
                place += len(word) + 1
    return None


def _first(finds: Sequence[_Find], *kinds: Kind) -> _Find | None:
    return next((find for find in finds if find.rule and find.rule.kind in kinds), None)


def _before_question(clause: Sequence[_Find]) -> Sequence[_Find]:
    """The finds before a question about words: "what does STOP do"."""
    at = next((n for n, find in enumerate(clause) if find.rule and find.rule.kind is Kind.ASKS), len(clause))
    return clause[:at]


def _says_nothing_else(find: _Find) -> bool:
    return find.rule is not None and (find.rule.kind in WISHES or find.rule.kind is Kind.BESIDE)


def _wish(find: _Find, *, certain: bool) -> Wish:
    return Wish(certain, find.rule.name if find.rule else "", find.words)
