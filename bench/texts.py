"""``./run bench texts``: what 10,000 characters cost at worst, of an answer that is fitted and of a text that is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from illumichat_sms_plugin.text.keywords import classify
from illumichat_sms_plugin.text.reactions import is_reaction
from illumichat_sms_plugin.text.reply_text import MAX_ANSWER, fit
from tests.text.test_bounded_work import PATTERNS, PROSE

TRIES = 5
"""The quickest counts: what else runs on the machine is no property of the text."""
WORK: dict[str, Callable[[str], object]] = {
    "fit an answer": lambda text: fit(text, 1600, offer_more=True),
    "read a text": lambda text: (classify(text), is_reaction(text)),
    "read a text of 1,600": lambda text: (classify(text[:1600]), is_reaction(text[:1600])),
}


def milliseconds(work: Callable[[str], object], text: str) -> float:
    """CPU time of the quickest try."""
    times = []
    for _ in range(TRIES):
        started = time.process_time()
        work(text)
        times.append(time.process_time() - started)
    return min(times) * 1000


def main(_arguments: Sequence[str]) -> None:
    """Print prose and the three worst patterns of each."""
    print(
        f"Milliseconds of CPU for {MAX_ANSWER:,} characters: prose, and the worst of {len(PATTERNS)} patterns"
    )
    for name, work in WORK.items():
        worst = sorted(
            ((milliseconds(work, (pattern * MAX_ANSWER)[:MAX_ANSWER]), pattern) for pattern in PATTERNS),
            reverse=True,
        )
        shown = ", ".join(f"{time:.1f} ({ascii(pattern)[:24]})" for time, pattern in worst[:3])
        print(f"{name}: {milliseconds(work, PROSE):.1f}; {shown}")
