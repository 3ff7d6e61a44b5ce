"""Segments as Twilio's calculator counts them (worked examples by hand)."""

from __future__ import annotations

import pytest

from demo.twilio_simulator.segments import count_segments, smart_encoded


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3),  # the escape pair does not fit the first part's last septet
        ("ы" * 70, 1),
        ("ы" * 71, 2),
        ("ы" * 134, 2),
        ("ы" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 pairs a part: the half of one that would fit is not used
        ("a" * 159 + "’", 3),
        ("ç", 1),
        ("ç" * 71, 2),
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert count_segments(text) == segments


def test_smart_encoding_makes_typography_plain() -> None:
    assert smart_encoded("“It’s 5 – 6 €…”") == '"It\'s 5 - 6 €..."'
