"""A text that goes out: as it is about to be sent, and as its row is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.services.answering.situation import PersonText, StoredRest


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is about to be sent, and which inbound texts it answers."""

    kind: str
    body: str = field(repr=False)
    from_number: str
    answers: tuple[int, ...]
    reason: NoReply | None = None
    """Why these texts get this one instead of the assistant's answer."""
    filed: bool = False
    """The host's chat has all that it answers."""
    seconds_left: float
    """Until the oldest of them is stale."""
    introduces: bool = False
    """It carries the introduction, so later ones need not."""
    leaves_out: str = field(default="", repr=False)
    """What does not fit into one message."""
    reserved: int | None = None
    """What is counted for it until its price is known, in millionths."""
    max_price: Decimal | None = None
    """The most that it may cost, in money; None without a limit in money."""
    rest: StoredRest | None = None
    """What was stored and goes out now."""
    person_text: PersonText | None = None
    """What a person has written and goes out now."""
    media_url: str = field(default="", repr=False)
    """A picture that goes out with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message whose row is committed as ``sending``."""

    id: int
    channel_id: int
    session_id: int
    kind: str
    from_number: str
    to_number: str = field(repr=False)
    body: str = field(repr=False)
    created_at: datetime
    seconds_left: float
    """Until the oldest text that it answers was stale, when this was read."""
    max_price: Decimal | None = None
    media_url: str = field(default="", repr=False)

    @classmethod
    def of(cls, row: Row[Any], seconds_left: float, max_price: Decimal | None = None) -> Outgoing:
        """A message that is sent once more."""
        return cls(
            id=row.id,
            channel_id=row.channel_id,
            session_id=row.session_id,
            kind=row.kind,
            from_number=row.from_number,
            to_number=row.to_number,
            body=row.body,
            created_at=row.created_at,
            seconds_left=seconds_left,
            max_price=max_price,
            media_url=picture_in(row.media),
        )


def as_media(media_url: str) -> list[dict[str, str]] | None:
    """A picture as its message's row has it."""
    return [{"url": media_url, "content_type": "image"}] if media_url else None


def picture_in(media: Sequence[Mapping[str, Any]] | None) -> str:
    """The picture of a message that goes out, as its row has it; empty for none."""
    return str(media[0]["url"]) if media else ""
