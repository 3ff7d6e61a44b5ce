"""Does a machine write? Judges an open text by the last turns of its session. Pure.

Only the turns count: the same text again, two texts in turn, or replies faster than anyone reads and types. A session
gets three needless answers before it is called a machine's (one, if it was called that within the last day). Short
texts count only if they come faster than a person could send them, or if the answers repeat themselves too: people
say "ok" and "yes" many times. docs/decisions/machines.md
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.text.likeness import distance, is_same, is_short

TURNS = 24
"""Turns of a session that are looked at."""
REMEMBERED = timedelta(days=1)
"""For how long a session that was a machine's gets only one needless answer. Older turns are ignored."""
LIKE = 0.2
"""Texts whose words differ by at most this share are nearly the same."""
LEAST_WORDS_ALIKE = 8
"""In a shorter text, one changed word makes it a different text: "size 8", "size 9"."""
TYPED, DICTATED, READ = 10.0, 12.0, 25.0
"""Characters a second: faster than people type for long, even at a desk; than they dictate; than they read."""
REACTION = 1.0
"""Seconds that anyone needs to notice a text."""
TAPPED = 1.5
"""Seconds that a person needs to send a short text, on top of the time it takes to read the answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One text of a session, in or out."""

    id: int
    inbound: bool
    at: datetime
    body: str = field(repr=False)
    filed: bool = True
    """The host's chat has it."""
    other: bool = False
    """Another system sent it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came between two answers, and the answer to it."""

    texts: tuple[Turn, ...]
    answer: Turn | None
    """The last one before the next text."""
    before: Exchange | None = field(repr=False)

    @property
    def last(self) -> Turn:
        """The text that the answer was given to, last."""
        return self.texts[-1]

    def says_like(self, text: Turn) -> bool:
        """Whether each of its texts is nearly the same as ``text``."""
        return all(is_like(text.body, other.body) for other in self.texts)


def is_like(text: str, earlier: str) -> bool:
    """Whether ``text`` is the same or nearly the same again. People vary their questions: a question with one more word is a different one."""
    if is_same(text, earlier):
        return True
    if (
        text.rstrip().endswith(("?", "？", "؟"))
        or min(len(text.split()), len(earlier.split())) < LEAST_WORDS_ALIKE
    ):
        return False
    return distance(text, earlier, most=LIKE) <= LIKE


def evidence_of_a_machine(
    turns: Sequence[Turn], text_id: int, *, asleep: bool, needless: int = 3
) -> str | None:
    """Why the open text looks like a machine's, in words for an admin; None if a person may have written it.

    ``turns`` are the session's, oldest first. ``asleep``: the last texts were a machine's, so only a different text at a
    person's pace is answered. ``needless`` is how many needless answers a session gets before it counts as a loop.
    """
    exchanges = _exchanges(turns, text_id)
    if not exchanges:
        return None
    now, earlier = exchanges[-1], exchanges[:-1]
    text = now.last
    if asleep:
        return _still(now, earlier, text)
    answered = [exchange for exchange in earlier if exchange.answer is not None]
    recent = [exchange for exchange in answered if text.at - exchange.last.at < REMEMBERED]
    return (
        _the_same_again(recent, now, text, needless)
        or _two_in_turn(recent, text, needless)
        or _faster_than_people(recent, now, needless)
    )


def _still(now: Exchange, earlier: Sequence[Exchange], text: Turn) -> str | None:
    known = [*(turn for exchange in earlier for turn in exchange.texts), *now.texts[:-1]]
    if any(is_like(text.body, other.body) for other in known):
        return say("It sent the same text again after it had been taken for a machine.")
    since = (text.at - known[-1].at).total_seconds() if known else None
    too_fast = since is not None and since < len(text.body) / DICTATED
    if too_fast or is_quick(Exchange((text,), None, now.before), known):
        return say("It went on faster than anyone reads and types.")
    return None


def _the_same_again(recent: Sequence[Exchange], now: Exchange, text: Turn, needless: int) -> str | None:
    alike = 0
    for exchange in reversed(recent):
        if not exchange.says_like(text):
            break
        alike += 1
    if alike < needless:
        return None
    last = recent[-needless:]
    if is_short(text.body) and not (_all_tapped((*last[1:], now)) or _answers_alike(last)):
        return None
    seconds = round((text.at - last[0].last.at).total_seconds())
    return say(
        "It sent nearly the same text {times} times in a row, the last {last} within {time}.",
        times=alike + 1,
        last=needless + 1,
        time=in_time(seconds),
    )


def _all_tapped(exchanges: Sequence[Exchange]) -> bool:
    return all(map(_is_tapped, exchanges))


def _answers_alike(exchanges: Sequence[Exchange]) -> bool:
    """Whether they got the same answer each time. One answer alone repeats nothing."""
    said = [exchange.answer.body for exchange in exchanges if exchange.answer is not None]
    return len(said) > 1 and all(is_like(body, said[-1]) for body in said)


def _is_tapped(exchange: Exchange) -> bool:
    """Whether a short text came sooner than a person could have read the answer before it."""
    answer = exchange.before.answer if exchange.before else None
    if answer is None:
        return True
    gap = (exchange.texts[0].at - answer.at).total_seconds()
    return gap < TAPPED + len(answer.body) / READ / 2


def _two_in_turn(recent: Sequence[Exchange], text: Turn, needless: int) -> str | None:
    last = recent[-max(needless, 3) :]
    if len(last) < max(needless, 3) or is_short(text.body):
        return None
    same, others = last[-2::-2], last[-1::-2]
    in_turn = all(exchange.says_like(text) for exchange in same) and all(
        exchange.says_like(last[-1].last) for exchange in others
    )
    return say("It sends two texts in turn.") if in_turn else None


def _faster_than_people(recent: Sequence[Exchange], now: Exchange, needless: int) -> str | None:
    """The first text of a conversation has no pace."""
    last = [*recent[len(recent) - needless + 1 :], now] if needless > 1 else [now]
    known = [turn for exchange in recent for turn in exchange.texts]
    if len(recent) < needless or not all(is_quick(exchange, known) for exchange in last):
        return None
    gaps = [_seconds_after_the_answer(exchange) for exchange in last]
    slowest = round(max(gap for gap in gaps if gap is not None))
    if len(last) == 1:
        return say(
            "It replied again faster than anyone reads and types, {seconds} s after an answer.",
            seconds=slowest,
        )
    return say(
        "It replied {times} times in a row faster than anyone reads and types, at most {seconds} s after an answer.",
        times=len(last),
        seconds=slowest,
    )


def is_quick(exchange: Exchange, known: Sequence[Turn]) -> bool:
    """Whether a person could neither have read the last answer and said this, nor have typed it since their own last text."""
    before, first = exchange.before, exchange.texts[0]
    gap = _seconds_after_the_answer(exchange)
    if before is None or before.answer is None or gap is None:
        return False
    reading = len(before.answer.body) / READ
    own = [turn.at for turn in known if turn.at <= first.at and turn.id != first.id]
    since = (first.at - max(own, default=before.last.at)).total_seconds()
    length = len(first.body)
    return gap < REACTION + reading + length / DICTATED and since < length / TYPED


def _seconds_after_the_answer(exchange: Exchange) -> float | None:
    if exchange.before is None or exchange.before.answer is None:
        return None
    return max((exchange.texts[0].at - exchange.before.answer.at).total_seconds(), 0.0)


def _exchanges(turns: Sequence[Turn], text_id: int) -> list[Exchange]:
    """The turns up to the open text, grouped into exchanges. Answers before the first text are left out."""
    found: list[Exchange] = []
    texts: list[Turn] = []
    answer: Turn | None = None
    for turn in turns:
        if turn.inbound and turn.id > text_id:
            continue
        if not turn.inbound:
            if texts and turn.id < text_id:
                answer = turn
            continue
        if answer is not None:
            found.append(Exchange(tuple(texts), answer, found[-1] if found else None))
            texts, answer = [], None
        texts.append(turn)
    if texts and texts[-1].id == text_id:
        found.append(Exchange(tuple(texts), None, found[-1] if found else None))
        return found
    return []


def in_time(seconds: int) -> str:
    """A span for people: ``25 s``, ``4 min``, ``3 h``."""
    if seconds < 120:
        return f"{max(seconds, 1)} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
