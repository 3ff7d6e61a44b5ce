"""One of several: an option that is chosen, and what its values are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_kinds import Option


class AnswerTo(StrEnum):
    """Whom a channel answers."""

    EVERYBODY = "everybody"
    CONTACTS = "contacts"
    """Those who are contacts of the workspace."""
    LISTED = "listed"
    """The numbers that the option ``only_numbers`` names."""
    TRIAL = "trial"
    """The same numbers, while an admin tries the assistant out; the page says so."""


WHOM = {
    AnswerTo.EVERYBODY.value: say("Everybody"),
    AnswerTo.CONTACTS.value: say("Known contacts only"),
    AnswerTo.LISTED.value: say("These numbers only"),
    AnswerTo.TRIAL.value: say("On trial: my test numbers only"),
}
"""What people call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Option):
    """One of ``labels``' keys."""

    labels: Mapping[str, str]
    """What people call each value."""
    kind = "choice"

    def check(self, value: str) -> str:
        """One of the values."""
        word = str(value).strip()
        if word not in self.labels:
            raise InvalidInput(f"Choose one of: {', '.join(self.labels)}.")
        return word

    def parse(self, typed: str) -> str:
        """``typed`` itself."""
        return typed.strip()

    def in_words(self, stored: str) -> str:
        """What people call it."""
        return self.labels.get(stored, stored)
