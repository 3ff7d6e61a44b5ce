"""Where the bars, lines and labels of a chart of days or hours go. Pure geometry; the template only draws.

Across, everything is in percent, so that the chart fills any width and its letters keep their size;
down, in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

TOP, BOTTOM, HEIGHT = 12.0, 152.0, 176.0
"""Pixels from the top to the highest line, to the base line and to the end."""
MAX_LINES = 4
MAX_LABELS = 7
LABELS = 4
"""Labels below more than MAX_LABELS days; they have to fit on a phone."""
GAP = 0.2
"""Share of a day's width that stays empty."""


When = TypeVar("When", date, int)
"""What a bar is for: a day, or an hour of the day."""


@dataclass(frozen=True, slots=True)
class Bar(Generic[When]):
    """One day or hour: the lower part is ``inbound``, ``outbound`` stands on it."""

    when: When
    inbound: int
    outbound: int
    left: float
    x: float
    inbound_y: float
    inbound_height: float
    outbound_y: float
    outbound_height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal line and the number it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Label(Generic[When]):
    """A day or hour below the base line; ``anchor`` is SVG's text-anchor."""

    when: When
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class BarChart(Generic[When]):
    """All of it. ``width`` is that of every day or hour, ``bar_width`` of its bar, in percent."""

    bars: tuple[Bar[When], ...]
    lines: tuple[Line, ...]
    labels: tuple[Label[When], ...]
    width: float
    bar_width: float
    top: float = TOP
    bottom: float = BOTTOM
    height: float = HEIGHT


def draw(days: Sequence[tuple[When, int, int]], labelled: Sequence[int] = ()) -> BarChart[When]:
    """A chart of ``(day or hour, inbound, outbound)``, oldest first; at least one.

    ``labelled`` are the places that get a label; else the last one and those as far apart as there is room for.
    """
    step, lines = scale(max(inbound + outbound for _, inbound, outbound in days))
    per_text = (BOTTOM - TOP) / (step * lines)
    width = 100 / len(days)
    return BarChart(
        bars=tuple(_bar(day, number * width, width, per_text) for number, day in enumerate(days)),
        lines=tuple(
            Line(_rounded(BOTTOM - step * number * per_text), step * number) for number in range(lines + 1)
        ),
        labels=tuple(_labels([day for day, _, _ in days], width, labelled)),
        width=_rounded(width),
        bar_width=_rounded(width * (1 - GAP)),
    )


def scale(highest: int) -> tuple[int, int]:
    """A round step (1, 2 or 5 times a power of ten) and how many of them hold ``highest``."""
    if highest <= 0:
        return 1, 1
    rough = highest / MAX_LINES
    power = 10 ** max(0, math.floor(math.log10(rough)))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return step, math.ceil(highest / step)


def _bar(day: tuple[When, int, int], left: float, width: float, per_text: float) -> Bar[When]:
    when, inbound, outbound = day
    lower, upper = inbound * per_text, outbound * per_text
    return Bar(
        when=when,
        inbound=inbound,
        outbound=outbound,
        left=_rounded(left),
        x=_rounded(left + width * GAP / 2),
        inbound_y=_rounded(BOTTOM - lower),
        inbound_height=_rounded(lower),
        outbound_y=_rounded(BOTTOM - lower - upper),
        outbound_height=_rounded(upper),
    )


def _labels(days: Sequence[When], width: float, labelled: Sequence[int]) -> list[Label[When]]:
    every = 1 if len(days) <= MAX_LABELS else math.ceil(len(days) / LABELS)
    found = []
    for number in sorted(labelled, reverse=True) or range(len(days) - 1, -1, -every):
        x, anchor = (number + 0.5) * width, "middle"
        if len(days) > MAX_LABELS and number == len(days) - 1:
            x, anchor = 100.0, "end"
        elif len(days) > MAX_LABELS and x < 5:
            x, anchor = 0.0, "start"
        found.append(Label(days[number], _rounded(x), anchor))
    return found[::-1]


def _rounded(number: float) -> float:
    return round(number, 3)
