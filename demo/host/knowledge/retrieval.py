"""Find what an assistant knows about a question, and judge whether it answers it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo.host.knowledge.passages import Document, Library, library_of
from demo.host.knowledge.words import DAYS, content_words, normalise, same_meaning

MAX_ANSWER = 320
"""Characters: about two text messages, and as much as anybody reads at a glance."""
MAX_WORDS = 12
CANDIDATES = 8
SYNONYM = 0.6
"""What a word for the same thing counts, beside the word itself."""
CONTEXT = 0.5
"""What a word of the question before counts in a question that leans on it."""
SURE = 0.62
"""A document that answers this share of the question answers it."""
CERTAIN = 0.55
"""The share from which on an answer is given without a reservation."""
SURE_WITH_TITLE = 0.2
"""The share that is enough when the document's title says that it is about this."""
UNKNOWN = 0.7
"""What a word that the documents do not have counts against a rare one that they have."""
VAGUE = frozenset(
    (*DAYS, "price", "duration", "weekend", "weekends", "weekday", "weekdays", "earlier", "later")
)
"""Words that ask for a detail of something, and seldom name the thing."""
MISSPELT = 0.84
"""How alike a misspelt word and the right one are at least (difflib's ratio)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a question: where it and words like it occur, and how much it says."""

    weight: float
    is_detail: bool
    in_text: dict[int, float]
    in_title: dict[int, float]
    in_sentence: dict[int, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """The document that answers a question, as its number, with the sentences that say it."""

    document: int
    text: str
    certain: bool


def find_documents(documents: Sequence[Document], question: str, *, limit: int) -> list[Document]:
    """The documents that fit a question best; with nothing to go by, the first ones."""
    library = library_of(documents)
    terms = [other for word in content_words(normalise(question)) for other in (word, *same_meaning(word))]
    found = library.ranked(terms, limit=limit)
    return [library.documents[number] for number in found] or list(library.documents[:limit])


def correct(library: Library, terms: Sequence[str]) -> list[str]:
    """The words, with those that are nearly one that the documents have replaced by it."""
    return [_corrected(library, term) for term in terms[:MAX_WORDS]]


def _corrected(library: Library, term: str) -> str:
    if len(term) < 5 or term in library.vocabulary or same_meaning(term) or library.documents_with([term]):
        return term
    # Few get the first letter wrong, and comparing with every word of a large library takes its time.
    near = sorted(
        word for word in library.vocabulary if word[0] == term[0] and abs(len(word) - len(term)) < 3
    )
    alike = difflib.get_close_matches(term, near, n=1, cutoff=MISSPELT)
    return alike[0] if alike else term


def has_own_subject(library: Library, terms: Sequence[str]) -> bool:
    """Whether a word of these, or one for the same thing, is the subject of a document."""
    return bool(subjects(library, terms))


def subjects(library: Library, terms: Sequence[str]) -> set[int]:
    """Numbers of the documents that are about one of the words."""
    return library.titled(
        [other for term in terms if term not in VAGUE for other in (term, *same_meaning(term))]
    )


def weigh(library: Library, terms: Sequence[str], factor: float = 1.0) -> list[Wanted]:
    """Look up every word; rare ones say more than frequent ones."""
    return [_weigh(library, term, factor) for term in terms]


def _weigh(library: Library, term: str, factor: float) -> Wanted:
    others = same_meaning(term)
    in_text = _graded(library.documents_with, term, others)
    return Wanted(
        weight=factor * _rarity(len(library.documents), len(in_text)),
        is_detail=term in VAGUE,
        in_text=in_text,
        in_title={} if term in VAGUE else _graded(library.titled, term, others),
        in_sentence=_graded(library.sentences_with, term, others),
    )


def _rarity(total: int, having: int) -> float:
    """The fewer documents have a word the more it says (BM25's inverse document frequency)."""
    counted = max(having, 1)
    rarity = math.log(1 + (total - counted + 0.5) / (counted + 0.5)) if total else 0.0
    return rarity if having else UNKNOWN * rarity


def _graded(matching: Callable[[list[str]], set[int]], term: str, others: list[str]) -> dict[int, float]:
    return dict.fromkeys(matching(others), SYNONYM) | dict.fromkeys(matching([term]), 1.0)


def search(
    library: Library,
    own: Sequence[str],
    context: Sequence[str] = (),
    *,
    favourite: int | None = None,
    context_weight: float = CONTEXT,
    length: int = MAX_ANSWER,
) -> Finding | None:
    """The best answer to a question, or None when nothing fits well enough.

    ``own`` are its words, ``context`` those of the question it leans on, ``favourite`` the
    document that answered that one. The answer has at most ``length`` characters, or is one sentence.
    """
    asked = weigh(library, own)
    wanted = asked + weigh(library, [term for term in context if term not in own], context_weight)
    whole = sum(want.weight for want in wanted)
    if not whole:
        return None
    own_whole = sum(want.weight for want in asked)
    terms = [other for term in (*own, *context) for other in (term, *same_meaning(term))]
    ranked = library.ranked(terms, limit=CANDIDATES)
    if not ranked:
        return None
    best_rank = max(ranked.values())

    def fitness(number: int) -> float:
        bonus = 0.35 if number == favourite else 0.0
        return (
            _share(wanted, number, whole)
            + 0.8 * _titled(asked, number, whole)
            + bonus
            + 0.2 * ranked[number] / best_rank
        )

    best = max(ranked, key=fitness)
    share, titled = _share(wanted, best, whole), _titled(asked, best, whole)
    if share < (SURE_WITH_TITLE if titled or best == favourite else SURE):
        return None
    certain = best == favourite or _share(asked, best, own_whole or whole) >= CERTAIN
    return Finding(best, compose(library, best, asked, wanted, length), certain=certain)


def _share(wanted: Sequence[Wanted], number: int, whole: float) -> float:
    return sum(want.weight * want.in_text.get(number, 0.0) for want in wanted) / whole


def _titled(wanted: Sequence[Wanted], number: int, whole: float) -> float:
    return sum(want.weight * want.in_title.get(number, 0.0) for want in wanted) / whole


NEARLY_BEST = 0.7
TELLING = 0.5
"""A word that says less than this share of the weightiest one does not choose sentences."""


def compose(
    library: Library, document: int, asked: Sequence[Wanted], wanted: Sequence[Wanted], length: int
) -> str:
    """The sentences of a document that answer best, in their order and at most ``length`` long.

    What the question itself asks beyond the document's title decides; a question that asks no more
    than the title gets the document from its beginning.
    """
    numbers = [n for n, sentence in enumerate(library.sentences) if sentence.document == document]
    heaviest = max((want.weight for want in asked), default=0.0)
    asked_more = [
        want
        for want in asked
        if document not in want.in_title and (want.is_detail or want.weight >= TELLING * heaviest)
    ]
    scores = {n: _says(asked_more, wanted, n) for n in numbers}
    best = max(scores.values(), default=0.0)
    chosen = [n for n in numbers if scores[n] >= NEARLY_BEST * best] if best else numbers
    return _fitting([library.sentences[n].text for n in chosen], length)


def _says(asked_more: Sequence[Wanted], wanted: Sequence[Wanted], sentence: int) -> float:
    """How much of what the title leaves open a sentence says; a little more when it repeats the subject."""
    specific = sum(
        want.weight * want.in_sentence.get(sentence, 0.0) * (2.0 if want.is_detail else 1.0)
        for want in asked_more
    )
    subject = sum(want.weight * want.in_sentence.get(sentence, 0.0) for want in wanted)
    return specific + 0.15 * subject if specific else 0.0


def _fitting(sentences: Sequence[str], length: int) -> str:
    answer = sentences[0] if sentences else ""
    for sentence in sentences[1:]:
        if len(answer) + 1 + len(sentence) > length:
            break
        answer += " " + sentence
    return answer
