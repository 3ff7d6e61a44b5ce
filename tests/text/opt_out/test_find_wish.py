"""Wishes are certain, possible or none; what is left over of a text decides."""

from __future__ import annotations

import time
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.opt_out.find_wish import LONGEST, find_wish
from illumichat_sms_plugin.text.opt_out.lexicon import lexicon
from tests.support.cpu_time import cpu_seconds
from tests.support.examples import pure
from tests.support.labelled_texts import labelled_texts

WORDS = sorted(lexicon().triggers_of_few | set(lexicon().by_first_word) | {"he", "said", "tomorrow", "pizza"})
PHRASES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def outcome(body: str) -> str:
    wish = find_wish(body)
    return "no" if wish is None else "certain" if wish.certain else "possible"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # the same wish: alone, beside what says nothing else, beside what nobody understands here, told of others
        ("stop texting me", "certain"),
        ("Wrong number, please stop texting me or I call the police", "certain"),
        ("stop texting me about the blue sofa", "possible"),
        ("my ex said stop texting me about the sofa", "no"),
        ("don't stop texting me", "no"),
        # a keyword counts alone, or where all the rest is known
        ("STOP", "certain"),
        ("stop. thank you", "certain"),
        ("Stop. Go back. What was the first option?", "no"),
        ("STOP 12345", "no"),
        # a sentence of its own, among others
        ("I bought one pair of shoes in 2019. Stop texting me.", "certain"),
        ("If you can, stop texting me on Sundays", "possible"),
        # quotations count only as the whole text
        ("“stop texting me”", "certain"),
        ('My phone shows "stop texting me" on the screen', "no"),
        # capitals
        ("For the last day ever STOP", "possible"),
        ("I have got to STOP this bill", "no"),
        # commas inside a wish
        ("Hören Sie auf, mir zu schreiben", "certain"),
        # spelling
        ("S.T.O.P", "certain"),
        ("stoooop", "certain"),
        ("STOP!!!1", "no"),
    ],
)
def test_what_is_left_over_decides(body: str, expected: str):
    assert outcome(body) == expected


def test_politeness_changes_no_certain_wish():
    certain = [found.text for found in labelled_texts() if outcome(found.text) == "certain"]
    assert len(certain) > 400
    assert [text for text in certain if outcome(f"{text}, please") != "certain"] == []


@pure
@given(st.text() | PHRASES)
def test_any_text_has_an_outcome_and_a_wish_has_a_rule_and_words(body: str):
    wish = find_wish(body)
    assert wish is None or (wish.rule and wish.words)


@given(PHRASES)
def test_case_and_marks_at_the_ends_change_nothing(body: str):
    assert outcome(body) == outcome(f"  {body}!") == outcome(body.title())


def test_a_longer_text_is_no_wish():
    assert outcome("stop texting me ".ljust(LONGEST)) == "certain"
    assert outcome("stop texting me ".ljust(LONGEST + 1)) == "no"


ORDINARY = [
    "What time do you open tomorrow?",
    "I’d like to book a table for four on Friday at 7, is that possible?",
    "¿A qué hora abren mañana?",
    "Thanks, see you at 5 👍",
]


@pytest.mark.parametrize("body", ORDINARY)
def test_the_first_look_at_an_ordinary_text_costs_microseconds(body: str):
    """Under 5 µs on an idle core; a busy machine gets four times that, and any other look costs ten times as much."""
    assert find_wish(body) is None
    best = min(timeit.repeat(lambda: find_wish(body), number=200, repeat=50, timer=time.thread_time)) / 200
    assert best < 20e-6


BUSIEST = sorted(lexicon().by_first_word, key=lambda word: -len(lexicon().by_first_word[word]))[:8]


@pytest.mark.parametrize(
    "pattern",
    [
        *(f"{word} " for word in BUSIEST),
        "stop texting me ",
        "stop, ",
        "stop. ",
        'stop "stop" ',
        "ﷺ",
        "a\u0301",
    ],
)
def test_no_text_takes_long(pattern: str):
    """10,000 characters of anything, and the longest that is read: far below 50 ms."""
    find_wish(pattern)  # phrases are compiled once, when a text first needs them
    for length in (LONGEST, 10_000):
        body = (pattern * length)[:length]
        assert cpu_seconds(lambda body=body: find_wish(body)) < 0.05
