"""Segments are what Twilio bills, so they are counted as Twilio's own calculator counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.segments import (
    GSM7_BASIC,
    GSM7_COST,
    GSM7_EXTENSION,
    SegmentCount,
    costly_characters,
    count_segments,
    graphemes,
    split_segments,
    utf16_units,
)
from tests.support.cpu_time import cpu_seconds

ORACLE = json.loads((Path(__file__).parent / "oracle" / "segments.json").read_text(encoding="utf-8"))
"""Written by oracle/make_segments.mjs."""

gsm7_texts = st.text(st.sampled_from(GSM7_BASIC + GSM7_EXTENSION), max_size=700)
mixed_texts = st.text(st.sampled_from("ab €{}\r\n’éç👍❤\ufe0f\u200d👨👩🇩🇪e\u0301क्षж你"), max_size=300)


@pytest.mark.parametrize(
    "row", ORACLE, ids=lambda row: f"{row['encoding']}-{row['units']}-{row['text'][:12]!a}"
)
def test_a_text_is_counted_as_twilios_calculator_counts_it(row: dict[str, object]):
    expected = SegmentCount(row["encoding"], row["units"], row["segments"])
    assert count_segments(str(row["text"])) == expected
    assert len(split_segments(str(row["text"]))) == row["segments"]


def test_the_oracle_covers_both_encodings_and_up_to_many_segments():
    assert len(ORACLE) >= 280
    assert {row["encoding"] for row in ORACLE} == {"GSM-7", "UCS-2"}
    assert {1, 2, 3, 4} <= {row["segments"] for row in ORACLE}


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 229, "GSM-7", 458, 4),
        ("’" + "a" * 69, "UCS-2", 70, 1),
        ("’" + "a" * 70, "UCS-2", 71, 2),
        ("’" + "a" * 159, "UCS-2", 160, 3),
        ("’{}", "UCS-2", 3, 1),
        ("👍" * 35, "UCS-2", 70, 1),
        ("👍" * 67, "UCS-2", 134, 3),
    ],
)
def test_the_rules_of_thumb(text: str, encoding: str, units: int, segments: int):
    assert count_segments(text) == SegmentCount(encoding, units, segments)


def test_the_table_is_gsm_03_38():
    assert len(GSM7_BASIC) == 127
    assert len(GSM7_EXTENSION) == 10
    assert len(GSM7_COST) == 137
    assert "ç" not in GSM7_COST
    assert "Ç" in GSM7_COST


@given(gsm7_texts)
def test_a_text_of_the_table_is_gsm7_and_its_segments_hold_what_they_may(text: str):
    counted = count_segments(text)
    parts = split_segments(text)
    assert counted.encoding == "GSM-7"
    assert counted.units == sum(GSM7_COST[char] for char in text)
    assert "".join(parts) == text
    if len(parts) > 1:
        assert all(sum(GSM7_COST[char] for char in part) <= 153 for part in parts)
        assert all(sum(GSM7_COST[char] for char in part) >= 152 for part in parts[:-1])


@given(mixed_texts)
def test_the_segments_together_are_the_text_and_none_divides_a_surrogate_pair(text: str):
    parts = split_segments(text)
    assert "".join(parts) == text
    assert len(parts) == count_segments(text).segments
    assert all(utf16_units(part) <= 70 for part in parts)


@given(st.text())
def test_any_text_can_be_counted(text: str):
    counted = count_segments(text)
    assert counted.segments >= 1
    assert (counted.encoding == "GSM-7") == (costly_characters(text) == [])
    assert "".join(graphemes(text)) == text


@given(mixed_texts, mixed_texts)
def test_more_text_never_costs_less(text: str, more: str):
    assert count_segments(text + "\n" + more).units >= count_segments(text).units


def test_the_costly_characters_are_named_with_their_places():
    assert costly_characters("It’s 5 o`clock…") == [(2, "’"), (8, "`"), (14, "…")]
    assert costly_characters("It's 5 o'clock.") == []
    assert costly_characters("cafe\u0301") == [(4, "\u0301")]


def test_lone_surrogates_are_counted_and_not_crashed_on():
    assert count_segments("\ud83d") == SegmentCount("UCS-2", 1, 1)


@pytest.mark.parametrize("pattern", ["a", "€", "ж", "👍", "\u0301", "👨\u200d", "क्", "\r\n’"])
def test_a_megabyte_is_counted_in_linear_time(pattern: str):
    text = pattern * (500_000 // len(pattern))
    assert cpu_seconds(lambda: count_segments(text), tries=1) < 5
