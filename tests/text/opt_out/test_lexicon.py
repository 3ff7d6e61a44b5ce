"""The word lists are well formed, and the first look misses nothing that the lists would find."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.text.keywords import classify
from illumichat_sms_plugin.text.opt_out.lexicon import Kind, languages, lexicon

TABLES = {"noise", "limits", "classes", *(kind.name.lower() for kind in Kind)}


def test_there_are_lists_for_the_five_languages():
    assert {"en", "es", "fr", "de", "pt"} <= set(languages())


@pytest.mark.parametrize("code", sorted(languages()))
def test_a_list_has_only_tables_that_are_read(code: str):
    assert set(languages()[code]) <= TABLES


def test_a_wish_is_looked_for_by_few_common_words():
    """Each costs the ordinary texts that have it: "what do you have" is not worth a longer look."""
    for word in (
        "i",
        "you",
        "do",
        "to",
        "the",
        "a",
        "is",
        "what",
        "for",
        "can",
        "my",
        "de",
        "la",
        "ich",
        "je",
    ):
        assert word not in lexicon().triggers


@pytest.mark.parametrize(
    "word", ["arret", "cancel", "end", "opt-out", "optout", "quit", "remove", "stop", "td", "unsubscribe"]
)
def test_the_words_of_the_lists_of_aws_count(word: str):
    """https://docs.aws.amazon.com/sms-voice/latest/userguide/opt-out-list-keywords.html"""
    assert classify(word) == "opt_out"


@pytest.mark.parametrize("word", ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"])
def test_the_seven_words_of_the_rule_count_in_themselves(word: str):
    """47 CFR 64.1200(a)(10)."""
    for body in (word, word.upper(), f"{word}!", f"{word} {word}", f"{word}. {word}. {word}."):
        assert classify(body) == "opt_out"


@pytest.mark.parametrize("word", ["stop", "quit", "revoke", "opt out", "unsubscribe"])
@pytest.mark.parametrize("polite", ["{} please", "please {}", "{}, thank you", "Hi, {} now", "I {}"])
def test_politeness_takes_nothing_from_them(word: str, polite: str):
    """But "please cancel" and "please end" are about an appointment as often: see docs/decisions/opt-out-wishes.md."""
    if polite == "I {}" and word in ("stop", "quit"):
        return  # "I quit" may be anything
    assert classify(polite.format(word)) == "opt_out"
