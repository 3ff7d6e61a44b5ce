"""What time it is at Twilio."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class TwilioClock:
    """Twilio's clock, by the ``Date`` of its newest response (RFC 9110, section 6.6.1); right to a second or so.

    Times in Twilio's lists are by that clock, ours by the database's; whoever compares them must know both.
    """

    def __init__(self) -> None:
        self._read: tuple[datetime, float] | None = None

    def read(self, headers: Mapping[str, str]) -> None:
        """Note the time of a response that has just come; one without a date changes nothing."""
        sent = next((value for name, value in headers.items() if name.lower() == "date"), "")
        try:
            date = parsedate_to_datetime(sent)
            aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
            self._read = aware.astimezone(UTC), time.monotonic()
        except (ValueError, OverflowError):  # a year that is none
            return

    def now(self) -> datetime | None:
        """The time at Twilio (aware), None before its first response."""
        if self._read is None:
            return None
        date, at = self._read
        return date + timedelta(seconds=time.monotonic() - at)
