"""Texts that a phone or a mailbox sends by itself: "I'm driving", "I am out of the office". Nobody expects an answer.

``auto_replies.toml`` has the words of each language. A text with a question in it was written by a person, unless
it says itself that it is automatic.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LONGEST = 1000
"""Characters: a longer text is no such reply."""

_QUESTION = re.compile(r"[?？؟]")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘`´ʼ"), "'")
_BETWEEN_WORDS = re.compile(r"[^\w']+")
_BEHIND_A_MARK = re.compile(r"\s*(?:$|[:.\-–—!)\]}】」|\n：。])")
_OPENING = re.compile(r"^[\s(\[{【「*_<#-]+")


@dataclass(frozen=True, slots=True)
class _Words:
    marks: tuple[str, ...]
    says: tuple[str, ...]
    away: tuple[str, ...]
    later: tuple[str, ...]
    whole: frozenset[str]


def is_auto_reply(body: str) -> bool:
    """Whether ``body`` is a reply that nobody typed for us."""
    if not body or len(body) > LONGEST:
        return False
    folded = _folded(body)
    if _is_marked(folded):
        return True
    words = _in_words(folded)
    if words in _words().whole:
        return True
    if _has_one(words, _words().says):
        return True
    if _QUESTION.search(body):
        return False
    return _has_one(words, _words().away) and _has_one(words, _words().later)


def languages() -> list[str]:
    """The languages whose words are known."""
    return sorted(_table())


def _is_marked(folded: str) -> bool:
    text = _OPENING.sub("", folded)
    if not text.startswith(_words().marks):  # all of them at once: most texts begin with none
        return False
    return any(text.startswith(mark) and _BEHIND_A_MARK.match(text, len(mark)) for mark in _words().marks)


def _has_one(words: str, phrases: Iterable[str]) -> bool:
    """A plain loop, for every text comes here: a generator takes three times as long."""
    for phrase in phrases:  # noqa: SIM110
        if phrase in words:
            return True
    return False


def _folded(text: str) -> str:
    if text.isascii():  # most texts, and ten times as quick
        return text.replace("`", "'").lower()
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES).casefold().replace("ё", "е")


def _in_words(folded: str) -> str:
    """The words with one space between them and around them, so that a phrase is found as whole words only.

    Languages without spaces have no ends of words: there a phrase is found anywhere.
    """
    return f" {_BETWEEN_WORDS.sub(' ', folded).strip()} "


def _plain(text: str) -> str:
    return _in_words(_folded(text))


def _phrase(text: str) -> str:
    plain = _plain(text)
    return plain.strip() if _has_no_spaces(plain) else plain


def _has_no_spaces(text: str) -> bool:
    return any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("illumichat_sms_plugin.text") / "auto_replies.toml").read_text("utf-8"))


@cache
def _words() -> _Words:
    def all_of(kind: str) -> list[str]:
        return [phrase for language in _table().values() for phrase in language[kind]]

    return _Words(
        marks=tuple(map(_folded, all_of("marks"))),
        says=tuple(map(_phrase, all_of("says"))),
        away=tuple(map(_phrase, all_of("away"))),
        later=tuple(map(_phrase, all_of("later"))),
        whole=frozenset(map(_plain, all_of("whole"))),
    )
