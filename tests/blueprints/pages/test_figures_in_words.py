"""Figures as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from illumichat_sms_plugin.blueprints.pages import figures_in_words as words


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0, "0%"), (1, "100%"), (0.974, "97.4%"), (0.99999, "99.9%"), (0.0001, "0.1%")],
)
def test_a_share_is_all_or_nothing_only_when_it_is(share: float | None, text: str) -> None:
    assert plain(words.percent(share)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"),
        ("0", "0.00 USD"),
        ("0.0083", "0.0083 USD"),
        ("10.1234", "10.12 USD"),
        ("1234.5", "1,234.50 USD"),
    ],
)
def test_money(amount: str | None, text: str) -> None:
    assert plain(words.money(Decimal(amount) if amount else None, "USD")) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.04, "0.04 s"),
        (4.17, "4.2 s"),
        (59.6, "1 min"),
        (48, "48 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (86400, "24 h"),
    ],
)
def test_times(seconds: float | None, text: str) -> None:
    assert plain(words.seconds(seconds)) == text


def test_numbers_and_days() -> None:
    assert words.number(1234567) == "1,234,567"
    wednesday = date(2026, 8, 12)
    assert (words.day(wednesday), words.weekday(wednesday), words.long_day(wednesday)) == (
        "12 Aug",
        "Wed",
        "Wed 12 Aug 2026",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Nowhere/At_All", "UTC"),
    ],
)
def test_a_time_zone_is_named_after_its_place(name: str, text: str) -> None:
    assert words.zone(name) == text
