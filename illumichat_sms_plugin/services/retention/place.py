"""Going through what is old by pages, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, update

from illumichat_sms_plugin.models import SmsRetention, db_now

CLAIM = 300.0
"""Seconds for which no other process takes the channel."""


@dataclass(frozen=True, slots=True)
class Old:
    """What goes: all of this channel that is of before an hour."""

    channel_id: int
    assistant_id: str
    before: datetime
    at_twilio: bool
    """Whether texts go at Twilio, too."""


@dataclass(frozen=True, slots=True)
class Place:
    """The last one that was looked at."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """How many went, and where the next page begins; None at the end."""

    gone: int
    place: Place | None


def after(time: Any, key: Any, place: Place | None) -> ColumnElement[bool]:
    """Those that come after ``place`` by ``time`` and then ``key``; written so that an index on ``time`` finds them."""
    if place is None:
        return key.is_not(None)  # type: ignore[no-any-return]
    return and_(time >= place.at, or_(time > place.at, key > place.id))


def hold(connection: Connection, old: Old) -> None:
    """Keep the channel for as long again. Comes first in a transaction: SQLite's writers take turns from here on."""
    connection.execute(
        update(SmsRetention).where(SmsRetention.channel_id == old.channel_id).values(look_at=db_now(CLAIM))
    )
