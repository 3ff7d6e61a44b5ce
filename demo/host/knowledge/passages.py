"""An assistant's documents as a full-text index: SQLite's FTS5 in memory, whatever the host's database is."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from demo.host.knowledge.words import DAYS, normalise, words

MAX_LIBRARIES = 64
TITLE_WEIGHT = 4.0

_ABBREVIATIONS = (
    r"(?<!\b[A-Z])(?<!\ba\.m)(?<!\bp\.m)(?<!\b[Ss]t)(?<!\b[Nn]o)(?<!\be\.g)(?<!\bi\.e)(?<!\bapprox)"
)
SENTENCE_END = re.compile(rf"{_ABBREVIATIONS}[.!?][\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n+")
SHORT_DAYS = re.compile(r"\b(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\b")
DAY_RANGE = re.compile(rf"\b({'|'.join(DAYS)})s?\s*(?:to|-|–|through|until)\s*({'|'.join(DAYS)})s?\b")
MONEY = re.compile(r"[$€£]\s?\d|\d\s?(?:dollars|usd|euro)\b")
DURATION = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|ten)\s+(?:\w+\s+)?(?:minute|hour|day|week|month|year)s?\b"
)


@dataclass(frozen=True, slots=True)
class Document:
    """What an assistant knows about one subject."""

    title: str
    text: str

    def sentences(self) -> list[str]:
        """The text in sentences and list items."""
        ends = [match.end() for match in SENTENCE_END.finditer(self.text)]
        pieces = (self.text[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True))
        return [piece.strip() for piece in pieces if piece.strip()]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the number of its document."""

    document: int
    text: str


class Library:
    """The documents of one assistant, indexed. Safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self.sentences = [
            Sentence(number, text)
            for number, document in enumerate(self.documents)
            for text in document.sentences()
        ]
        self.vocabulary = {
            word for found in self.documents for word in words(normalise(f"{found.title} {found.text}"))
        }
        self._lock = threading.Lock()
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._fill()

    def _fill(self) -> None:
        for table in ("documents", "sentences"):
            self._index.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5(title, body, tokenize='porter unicode61')"
            )
        self._index.executemany(
            "INSERT INTO documents (rowid, title, body) VALUES (?, ?, ?)",
            [(n, normalise(found.title), _searchable(found.text)) for n, found in enumerate(self.documents)],
        )
        self._index.executemany(
            "INSERT INTO sentences (rowid, title, body) VALUES (?, '', ?)",
            [(n, _searchable(sentence.text)) for n, sentence in enumerate(self.sentences)],
        )

    def titled(self, terms: Collection[str]) -> set[int]:
        """Numbers of the documents that have one of the words in their title."""
        return self._matching("documents", f"title : ({_any_of(terms)})") if terms else set()

    def documents_with(self, terms: Collection[str]) -> set[int]:
        """Numbers of the documents that have one of the words in title or text."""
        return self._matching("documents", _any_of(terms)) if terms else set()

    def sentences_with(self, terms: Collection[str]) -> set[int]:
        """Numbers of the sentences that have one of the words."""
        return self._matching("sentences", _any_of(terms)) if terms else set()

    def ranked(self, terms: Collection[str], *, limit: int) -> dict[int, float]:
        """The documents that fit the words best, with their BM25 score; more is better."""
        if not terms:
            return {}
        query = (
            "SELECT rowid, -bm25(documents, ?, 1.0) AS score FROM documents "
            "WHERE documents MATCH ? ORDER BY score DESC LIMIT ?"
        )
        with self._lock:
            return dict(self._index.execute(query, (TITLE_WEIGHT, _any_of(terms), limit)).fetchall())

    def _matching(self, table: str, query: str) -> set[int]:
        with self._lock:
            found = self._index.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", (query,))  # noqa: S608
            return {row[0] for row in found}


_libraries: OrderedDict[tuple[Document, ...], Library] = OrderedDict()
_libraries_lock = threading.Lock()


def library_of(documents: Sequence[Document]) -> Library:
    """The index of these documents, built anew only when one of them has changed."""
    key = tuple(documents)
    with _libraries_lock:
        if key not in _libraries:
            _libraries[key] = Library(key)
            if len(_libraries) > MAX_LIBRARIES:
                _libraries.popitem(last=False)
        _libraries.move_to_end(key)
        return _libraries[key]


def _any_of(terms: Collection[str]) -> str:
    return " OR ".join('"{}"'.format(term.replace('"', "")) for term in terms)


def _searchable(text: str) -> str:
    """The text and what it says without saying so: the days of a range, that a sum is a price."""
    plain = SHORT_DAYS.sub(lambda match: _full_day(match[1]), normalise(text))
    implied = [
        day
        for match in DAY_RANGE.finditer(plain)
        for day in _days_between(DAYS.index(match[1]), DAYS.index(match[2]))
    ]
    if re.search(r"\bweekdays?\b", plain):
        implied += DAYS[:5]
    if re.search(r"\bweekends?\b", plain):
        implied += DAYS[5:]
    if re.search(r"\b(?:every day|daily|seven days a week|7 days a week|around the clock)\b", plain):
        implied += DAYS
    if MONEY.search(plain):
        implied.append("price")
    if DURATION.search(plain):
        implied.append("duration")
    return " ".join([plain, *implied])


def _full_day(short: str) -> str:
    return next(day for day in DAYS if day.startswith(short[:3]))


def _days_between(first: int, last: int) -> list[str]:
    return [DAYS[(first + step) % 7] for step in range((last - first) % 7 + 1)]
