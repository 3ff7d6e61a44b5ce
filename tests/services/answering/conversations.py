"""Recorded conversations as data: see tests/data/machines.json and people.json.

A turn is ``[seconds after the answer before, text]``. What the assistant says is the conversation's ``answers`` in
turn, each ``thinks`` seconds after the text it answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from illumichat_sms_plugin.services.answering.loops import TURNS, Turn, evidence_of_a_machine

DATA = Path(__file__).parents[2] / "data"
START = datetime(2030, 5, 5, 12, tzinfo=UTC)


def recorded(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return found


@dataclass
class Played:
    """What became of a conversation: texts answered, and what was said of the first that was not."""

    answered: list[str]
    stopped: list[str]
    evidence: str | None = None


def play(conversation: dict[str, Any], needless: int = 3) -> Played:
    """Go through the texts as the pipeline does, and answer what looks like a person's."""
    answers = cycle(
        conversation.get("answers", ["We are open from 9 to 5. Can I help you with anything else?"])
    )
    thinks = conversation.get("thinks", 3.0)
    turns: list[Turn] = []
    played, asleep_since, last_answer = Played([], []), None, START
    awake = START
    last_text = START
    for number, (gap, body) in enumerate(conversation["turns"] * conversation.get("times", 1)):
        at = max(last_answer, last_text) + timedelta(seconds=gap)
        last_text = at
        turns.append(Turn(2 * number + 1, True, at, body))
        lately = asleep_since is not None and at - asleep_since < timedelta(days=1)
        asleep = asleep_since is not None and awake <= asleep_since
        evidence = evidence_of_a_machine(
            [turn for turn in turns if turn.at >= awake][-TURNS:],
            2 * number + 1,
            asleep=asleep,
            needless=1 if lately else needless,
        )
        if evidence is not None:
            asleep_since = at
            played.stopped.append(body)
            played.evidence = played.evidence or evidence
            continue
        if asleep:
            awake = at
        played.answered.append(body)
        last_answer = at + timedelta(seconds=thinks)
        turns.append(Turn(2 * number + 2, False, last_answer, next(answers)))
    return played
