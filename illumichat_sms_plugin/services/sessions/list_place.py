"""A place in the list of sessions, between two of them, to go on from.

Unlike a page's number it stays where it is while texts come in, and is found in an index at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

_WRITTEN = re.compile(r"([0-9]{1,17})-([1-9][0-9]{0,17})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """At a session, which may have moved or gone since: when its last text came in, and its id."""

    last_at: datetime
    session_id: int

    @classmethod
    def parse(cls, written: str) -> Self | None:
        """A place from microseconds since 1970 and an id; None for what no place is written as."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        """As :meth:`parse` reads it."""
        return f"{(self.last_at - _EPOCH) // timedelta(microseconds=1)}-{self.session_id}"


@dataclass(frozen=True, slots=True)
class PlacesAround:
    """Where the sessions before and after those on a page begin; None at the ends of the list."""

    newer: Place | None = None
    older: Place | None = None


def places_around(keys: Sequence[Any], *, newer: bool, older: bool) -> PlacesAround:
    """``keys``: ``id`` and ``last_message_at`` of the page's sessions, the last texted first."""
    if not keys:
        return PlacesAround()
    first, last = (Place(key.last_message_at, key.id) for key in (keys[0], keys[-1]))
    return PlacesAround(first if newer else None, last if older else None)
