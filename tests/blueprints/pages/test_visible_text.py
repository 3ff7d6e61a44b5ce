"""Texts of strangers are shown as they are: nothing hides in them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Hello, world", "Hello, world"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("two\r\nlines", "two\nlines"),
        ("nul\x00", "nul␀"),
        ("bell\x07", "bell␇"),
        ("delete\x7f", "delete␡"),
        ("a\u202egpj.exe", "a⟨U+202E⟩gpj.exe"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("line\u2028separator", "line⟨U+2028⟩separator"),
        ("half a pair \ud83d", "half a pair ⟨U+D83D⟩"),
        ("שלום 👨‍👩‍👧 naïve", "שלום 👨‍👩‍👧 naïve"),
    ],
)
def test_what_has_no_shape_gets_one(written: str, shown: str) -> None:
    assert visible_text(written) == shown


@given(st.text())
def test_nothing_that_turns_or_hides_is_left(written: str) -> None:
    left = {unicodedata.category(char) for char in visible_text(written) if char not in "\n\t\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
