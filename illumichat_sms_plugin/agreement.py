"""What somebody has agreed to who is texted first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_WORDS = 200
AHEAD = timedelta(minutes=5)
"""How far the host's clock may be ahead of the database's."""


@dataclass(frozen=True, slots=True)
class Consent:
    """To what a person agreed, when and how, such as "appointment reminders", a time, "ticked on the booking form"."""

    what: str
    at: datetime
    """Aware."""
    how: str

    def tidy(self, now: datetime) -> Consent | None:
        """The same without needless blanks; None when something is missing, too long, or yet to come."""
        if not (isinstance(self.what, str) and isinstance(self.how, str) and isinstance(self.at, datetime)):
            return None
        what, how = (" ".join(words.replace("\x00", "").split()) for words in (self.what, self.how))
        right = all(0 < len(words) <= MAX_WORDS and _can_be_stored(words) for words in (what, how))
        if not right or self.at.tzinfo is None or self.at > now + AHEAD:
            return None
        return Consent(what, self.at, how)


def _can_be_stored(words: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in words)
