"""Read a long list that gives its newest entries first, oldest first and in pieces of a bounded size.

Texts have to be recorded in the order in which they came, and what is recorded need not be read again after a failure.
So the time is cut into slices short enough that each is read whole, and the slices are read from the oldest on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from illumichat_sms_plugin.twilio_gateway.values import ListedText

NARROWEST = timedelta(seconds=2)
"""Twilio tells seconds only: a slice is not cut shorter, and read up to its bound."""
FULL = 0.8
"""So full the next slice is hoped to be; texts do not come evenly."""
GROWTH = 4.0

Read = Callable[[datetime, datetime | None], Sequence[ListedText]]
"""Lists what was sent from one time to another, None for until now: newest first, at most ``limit``."""


def read_slices(
    read: Read, since: datetime, now: datetime, limit: int
) -> Iterator[tuple[datetime, Sequence[ListedText]]]:
    """The end of each slice and its texts, newest first."""
    start, width = since, None
    while True:
        end = None if width is None or start + width >= now else start + width
        until = end or now
        texts = read(start, end)
        if len(texts) >= limit and until - start > NARROWEST:
            width = max(_narrower(texts, start, until), NARROWEST)
            continue
        yield until, texts
        if end is None:
            return
        width = (end - start) * min(max(FULL * limit / max(len(texts), 1), 0.5), GROWTH)
        width = max(width, NARROWEST)
        start = end


def _narrower(texts: Sequence[ListedText], start: datetime, until: datetime) -> timedelta:
    """What fits, if texts come as they did in the part that was read; half at most."""
    dates = [date for text in texts if (date := text.date_sent or text.date_created) is not None]
    reached = until - min(dates) if dates else until - start
    return min(max(reached, timedelta(0)) * FULL, (until - start) / 2)
