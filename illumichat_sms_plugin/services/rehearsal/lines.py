"""What was said in a rehearsal, and what a session would know of its texter, as they are stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from illumichat_sms_plugin.languages.kept import keep, restore


class Kind(StrEnum):
    """What a line is. The outbound ones have the names that messages have."""

    TEXT = "text"
    """What the admin wrote as the texter."""
    ANSWER = "answer"
    APOLOGY = "apology"
    CLARIFICATION = "clarify"
    CONFIRMATION = "confirm"
    MORE = "more"
    NO_ANSWER = "no_answer"
    """``reason`` says why nothing goes out."""
    WAITS = "waits"
    """``reason`` says what the text would wait for."""
    SUGGESTED = "suggested"
    """The answer below would wait for a person who sends it."""
    HANDOFF = "handoff"
    """The assistant wants a person to go on; ``body`` is what it said about that."""
    FAILED = "failed"
    """The assistant raised an error, took too long or said nothing."""


SENT = frozenset({Kind.ANSWER, Kind.APOLOGY, Kind.CLARIFICATION, Kind.CONFIRMATION, Kind.MORE})
"""What a phone would show."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a rehearsal."""

    kind: Kind
    at: datetime
    body: str = field(default="", repr=False)
    reason: str = ""
    """A name, or of ``FAILED`` a sentence, which can be said again in another language."""
    rest: str = field(default="", repr=False)
    """What was cut off of ``body``."""
    wish_rule: str = ""
    """By which rule a text was read as a wish for no more texts, and in which of its words."""
    wish_words: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        values = {name: value for name, value in dataclasses.asdict(self).items() if value}
        if self.kind is Kind.FAILED and self.reason:
            values["said"] = keep(self.reason)
        return values | {"kind": self.kind.value, "at": self.at.isoformat()}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Line:
        """What :meth:`stored` made."""
        values = {**stored, "kind": Kind(stored["kind"]), "at": datetime.fromisoformat(stored["at"])}
        if "said" in values:
            values["reason"] = restore(values.pop("said"), values["reason"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a session would know of the texter."""

    opted_out: bool = False
    clarified: bool = False
    """The texter was asked whether no more texts are wished; the next text decides."""
    introduced: bool = False
    rest: str = field(default="", repr=False)
    """What MORE would send."""

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return dataclasses.asdict(self)
