"""Machines get at most three needless answers, and people all of theirs: recorded conversations say so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.services.answering.loops import Turn, evidence_of_a_machine, in_time
from tests.services.answering.conversations import START, play, recorded

MACHINES, PEOPLE = recorded("machines"), recorded("people")


def test_there_are_enough_of_both() -> None:
    assert len(MACHINES) >= 20
    assert len(PEOPLE) >= 40


@pytest.mark.parametrize("conversation", MACHINES, ids=lambda conversation: conversation["name"])
def test_a_machine_gets_three_answers_at_most(conversation: dict[str, Any]) -> None:
    played = play(conversation)
    assert len(played.answered) <= 3, played.answered
    assert played.evidence


@pytest.mark.parametrize("conversation", PEOPLE, ids=lambda conversation: conversation["name"])
def test_a_person_is_never_stopped(conversation: dict[str, Any]) -> None:
    played = play(conversation)
    assert not played.stopped, played.evidence


@pytest.mark.parametrize("conversation", MACHINES, ids=lambda conversation: conversation["name"])
def test_a_person_behind_a_machine_is_heard(conversation: dict[str, Any]) -> None:
    """A different text at a person's pace wakes the session."""
    mixed = conversation | {
        "turns": [*conversation["turns"] * conversation.get("times", 1), [45, "Sorry, that was my phone!"]],
        "times": 1,
    }
    assert play(mixed).answered[-1] == "Sorry, that was my phone!"


@pytest.mark.parametrize("conversation", MACHINES[:3], ids=lambda conversation: conversation["name"])
def test_the_machine_that_goes_on_after_that_gets_one_more(conversation: dict[str, Any]) -> None:
    turns = conversation["turns"] * conversation.get("times", 1)
    played = play({"turns": [*turns, [45, "Sorry, that was my phone!"], *turns[:20]]})
    assert len(played.answered) <= 5


def test_an_operator_may_allow_more() -> None:
    assert len(play(MACHINES[0], needless=10).answered) == 10


turns = st.lists(st.tuples(st.booleans(), st.integers(0, 10_000), st.text(max_size=40)), max_size=30).map(
    lambda drawn: [Turn(number, inbound, START, body) for number, (inbound, _at, body) in enumerate(drawn)]
)


@given(turns, st.booleans(), st.integers(1, 5), st.integers(-1, 31))
def test_it_can_be_said_of_any_turns(said: list[Turn], asleep: bool, needless: int, of: int) -> None:
    evidence = evidence_of_a_machine(said, of, asleep=asleep, needless=needless)
    assert evidence is None or 0 < len(evidence) <= 200


@given(turns, st.integers(1, 5))
def test_without_an_answer_nobody_is_a_machine(said: list[Turn], needless: int) -> None:
    texts = [turn for turn in said if turn.inbound]
    assert not texts or evidence_of_a_machine(texts, texts[-1].id, asleep=False, needless=needless) is None


@pytest.mark.parametrize(("seconds", "words"), [(0, "1 s"), (119, "119 s"), (300, "5 min"), (9000, "2 h")])
def test_a_span_in_words(seconds: int, words: str) -> None:
    assert in_time(seconds) == words
