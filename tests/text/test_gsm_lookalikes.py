"""Typography goes where it costs segments; letters, digits and emoji never do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.gsm_lookalikes import LOOKALIKES, to_gsm_lookalikes
from illumichat_sms_plugin.text.segments import GSM7_BASIC, GSM7_COST, count_segments

some_text = st.text(
    st.sampled_from(GSM7_BASIC)
    | st.sampled_from("".join(LOOKALIKES))
    | st.sampled_from("éçñжा你👍\u0301\ufe0f"),
    max_size=200,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("It’s “open” — 9–5…", 'It\'s "open" - 9-5...'),
        ("• one\n• two", "- one\n- two"),
        ("«Bonjour»", '"Bonjour"'),
        ("a\tb\u00a0c\u202fd\u2009e", "a b c d e"),
        ("zero\u200bwidth, soft\u00adhyphen\ufeff", "zerowidth, softhyphen"),
        ("cafe\u0301", "café"),
        ("`code`", "'code'"),
        ("20°C, 68 °F, turn 90°", "20C, 68 F, turn 90 deg"),
        ("1½ cups, ¾ l", "1 1/2 cups, 3/4 l"),
        ("30 m² → 5×6", "30 m^2 -> 5x6"),
        ("Acme™ ≥ 5 ± 1", "Acme(TM) >= 5 +/- 1"),
        ("a · b", "a - b"),
        ("one\u2028two", "one\ntwo"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_marks_become_their_lookalikes(text: str, plain: str):
    assert to_gsm_lookalikes(text) == plain
    assert count_segments(plain).encoding == "GSM-7"


@pytest.mark.parametrize(
    "text",
    [
        "Привет — «мир»…",
        "naïve — it’s",
        "garçon’s",
        "😀 It’s",
        "I ❤️ “it”",
        "Hawaiʻi’s",
        "₹500 – off",
        "你好，“世界”…",
        "٣ – ٥",
    ],
)
def test_a_text_that_needs_ucs2_anyway_keeps_its_typography(text: str):
    assert to_gsm_lookalikes(text) == text


def test_a_text_that_would_take_more_segments_stays():
    assert to_gsm_lookalikes("…" * 70) == "…" * 70


def test_every_lookalike_is_gsm7_and_no_letter_is_replaced():
    for mark, plain in LOOKALIKES.items():
        assert GSM7_COST.keys() >= set(plain)
        assert unicodedata.category(mark)[0] not in "LN" or mark in "½¼¾⅓⅔²³"


@given(st.text() | some_text)
def test_letters_of_any_script_are_never_romanised(text: str):
    composed = [char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] in "LM"]
    result = iter(to_gsm_lookalikes(text))
    assert all(char in result for char in composed)


@given(st.text() | some_text)
def test_applying_it_twice_changes_nothing_more(text: str):
    once = to_gsm_lookalikes(text)
    assert to_gsm_lookalikes(once) == once


@given(st.text() | some_text)
def test_it_never_costs_a_segment(text: str):
    composed = unicodedata.normalize("NFC", text)
    assert count_segments(to_gsm_lookalikes(text)).segments <= count_segments(composed).segments


@given(some_text)
def test_a_changed_text_is_gsm7(text: str):
    result = to_gsm_lookalikes(text)
    assert result == unicodedata.normalize("NFC", text) or count_segments(result).encoding == "GSM-7"
