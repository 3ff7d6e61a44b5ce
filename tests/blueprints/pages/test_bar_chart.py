"""Bars stand where their numbers say, at any height and any number of days."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.blueprints.pages.bar_chart import BOTTOM, MAX_LINES, TOP, draw, scale
from illumichat_sms_plugin.local_days import PERIODS

COUNTS = st.integers(0, 10_000_000)


def days(*counts: tuple[int, int]) -> list[tuple[date, int, int]]:
    return [(date(2026, 8, 1) + timedelta(days=number), *pair) for number, pair in enumerate(counts)]


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=90))
def test_every_bar_is_inside_and_as_high_as_its_number(counts: list[tuple[int, int]]) -> None:
    chart = draw(days(*counts))
    highest = chart.lines[-1]
    per_text = (BOTTOM - highest.y) / highest.value
    for bar in chart.bars:
        assert bar.inbound_height == pytest.approx(bar.inbound * per_text, abs=0.01)
        assert bar.outbound_height == pytest.approx(bar.outbound * per_text, abs=0.01)
        assert bar.outbound_y + bar.outbound_height == pytest.approx(bar.inbound_y, abs=0.01)
        assert TOP - 0.01 <= bar.outbound_y <= BOTTOM
        assert bar.x >= 0 and bar.x + chart.bar_width <= 100.01
    assert [line.y for line in chart.lines] == sorted((line.y for line in chart.lines), reverse=True)
    assert highest.y == pytest.approx(TOP)


@given(COUNTS)
def test_the_lines_are_few_and_at_round_numbers(highest: int) -> None:
    step, lines = scale(highest)
    assert 1 <= lines <= MAX_LINES
    assert step * lines >= highest
    assert str(step).rstrip("0") in ("1", "2", "5")


def test_hours_have_labels_where_they_are_asked_for() -> None:
    chart = draw([(hour, 1, 0) for hour in range(24)], labelled=range(0, 24, 6))
    assert [(label.when, label.anchor) for label in chart.labels] == [
        (0, "start"),
        (6, "middle"),
        (12, "middle"),
        (18, "middle"),
    ]


@pytest.mark.parametrize("period", PERIODS)
def test_the_days_below_are_few_enough_for_a_phone_and_end_with_today(period: int) -> None:
    chart = draw(days(*[(1, 1)] * period))
    assert len(chart.labels) <= 7
    assert chart.labels[-1].when == chart.bars[-1].when
    gaps = [later.x - earlier.x for earlier, later in itertools.pairwise(chart.labels)]
    room = 12 if period == 7 else 23  # percent; "Mon", or "12 Aug" beside one that ends at the edge
    assert min(gaps) > room, "letters would touch on a phone"
