"""Words are folded one character at a time, quickly, and as the whole text would be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.opt_out.folding import fold, normalise
from tests.support.examples import pure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("« Stop! » 🛑", "stop"),
        ("ARRÊT", "arret"),
        ("don’t", "dont"),
        ("S\u200dT\u200dO\u200dP", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("opt-out", "opt out"),
        ("Straße", "strasse"),
        ("❤️", ""),
    ],
)
def test_the_words_alone_are_left(text: str, words: str):
    assert normalise(text) == words


@pure
@given(st.text())
def test_folding_again_changes_nothing_nor_do_marks_apart_from_their_letters(text: str):
    assert normalise(normalise(text)) == normalise(text)
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(unicodedata.normalize("NFC", text))


@given(st.text())
def test_only_letters_digits_and_spaces_are_left(text: str):
    assert all(char == " " or unicodedata.category(char)[0] in "LNM" for char in fold(text))
