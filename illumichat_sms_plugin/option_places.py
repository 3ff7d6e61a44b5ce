"""Where an option is shown, and to whom."""

from __future__ import annotations

from enum import StrEnum

from illumichat_sms_plugin.languages.wording import say


class Section(StrEnum):
    """The parts of the form that hold options, by their headings."""

    OPTIONS = "Options"
    LIMITS = "Whom to answer, and how much"
    WORDS = "Wording"
    KEEPING = "What is kept, and for how long"

    @property
    def heading(self) -> str:
        """What people read."""
        return _HEADINGS[self]


_HEADINGS = {
    Section.OPTIONS: say("Options"),
    Section.LIMITS: say("Whom to answer, and how much"),
    Section.WORDS: say("Wording"),
    Section.KEEPING: say("What is kept, and for how long"),
}


class Audience(StrEnum):
    """Who may see and change an option."""

    ADMINS = "admins"
    """The workspace's admins: form, JSON API and audit; operators too."""
    OPERATORS = "operators"
    """Only operators, who run ``flask sms options``."""
