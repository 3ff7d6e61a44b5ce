"""``./run bench texts``: what 10,000 characters cost at worst, of an answer that is fitted and of a text that is read.

Beside the milliseconds stands how many times a fixed loop fits into them, which is nearly the same on every machine, and
what markdown-it-py alone takes to parse the same characters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt

from illumichat_sms_plugin.text.keywords import classify
from illumichat_sms_plugin.text.reactions import is_reaction
from illumichat_sms_plugin.text.reply_text import MAX_ANSWER, fit
from tests.support.cpu_time import Cost, cost
from tests.text.test_bounded_work import PATTERNS, PROSE, many

TRIES = 7
WORST = 5
"""Patterns that are shown."""
Work = Callable[[str], object]


def fit_an_answer(text: str) -> object:
    return fit(text, 1600, offer_more=True)


def parse(text: str) -> object:
    return MarkdownIt("commonmark").enable("table").parse(text)


def read(text: str) -> object:
    return classify(text), is_reaction(text)


def read_1600(text: str) -> object:
    return read(text[:1600])


class Measured(NamedTuple):
    prose: Cost
    worst: list[tuple[Cost, str]]
    """With their patterns, the worst first."""


def measure(work: Work) -> Measured:
    """What ``work`` costs with prose, and with each of the patterns."""
    found = [(cost_of(work, many(pattern)), pattern) for pattern in PATTERNS]
    return Measured(cost_of(work, PROSE), sorted(found, key=lambda one: one[0].loops, reverse=True))


def cost_of(work: Work, text: str) -> Cost:
    return cost(lambda: work(text), tries=TRIES)


def in_words(prose: Cost, worst: Cost) -> str:
    """``9 / 42 ms, 1.6 / 8.1 loops``."""
    milliseconds = f"{prose.seconds * 1000:.0f} / {worst.seconds * 1000:.0f} ms"
    return f"{milliseconds}, {prose.loops:.1f} / {worst.loops:.1f} loops"


def main(_arguments: Sequence[str]) -> None:
    """Print prose and the worst patterns of each."""
    print(f"{MAX_ANSWER:,} characters, prose and the worst of {len(PATTERNS)} patterns")
    print("CPU in ms | in loops of 100,000 squares | the same of markdown-it-py's parser")
    for name, work in (
        ("fit an answer", fit_an_answer),
        ("read a text", read),
        ("read a text of 1,600", read_1600),
    ):
        found = measure(work)
        print(f"\n{name}")
        for one, pattern in [(found.prose, ""), *found.worst[:WORST]]:
            row = f"{one.seconds * 1000:8.1f} {one.loops:7.2f}"
            if work is fit_an_answer:
                parser = cost_of(parse, many(pattern) if pattern else PROSE)
                row += f"  | {parser.seconds * 1000:8.1f} {parser.loops:7.2f}"
            print(f"{row}  {ascii(pattern) if pattern else 'prose'}")
