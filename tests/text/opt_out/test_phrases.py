"""How phrases are written, and that a phrase never misses the words it needs."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.text.opt_out.phrases import COMMON, PhraseBook

BOOK = PhraseBook(
    {"me": ["me", "my phone"], "these": ["all", "the"], "texts": ["text", "text messages", "texts"]}
)


def finds(source: str, words: str) -> str | None:
    found = BOOK.read(source).finder.match(f"{words} ")
    return found.group().strip() if found else None


@pytest.mark.parametrize(
    ("source", "words", "found"),
    [
        ("stop", "stop", "stop"),
        ("stop", "stopped", None),
        ("stop {me}", "stop my phone", "stop my phone"),
        ("stop [{me}] now", "stop now", "stop now"),
        ("stop {these}* {texts}", "stop all the text messages", "stop all the text messages"),
        ("(do not|don't) text", "dont text", "dont text"),
        ("stop {texts}", "stop text messages", "stop text messages"),
        ("not ... text", "not allowed to text", "not allowed to text"),
        ("not ... text", "not one two three four text", None),
        ("Arrêtez", "arretez", "arretez"),
    ],
)
def test_a_phrase_finds_what_it_describes(source: str, words: str, found: str | None):
    assert finds(source, words) == found


@pytest.mark.parametrize("source", ["", "[stop]", "(stop", "stop)", "stop]", "{these}*"])
def test_what_cannot_be_read_is_refused(source: str):
    with pytest.raises(ValueError):
        BOOK.read(source)


def test_a_phrase_is_looked_for_by_its_rarest_word():
    phrase = BOOK.read("do not ... (text|message) {me}")
    assert phrase.rarest_words == {"text", "message"}
    assert phrase.first_words == {"do"}
    assert "do" in COMMON
