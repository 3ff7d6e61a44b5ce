"""Twilio's message status as a ladder: callbacks come in any order, the status never steps down.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class MessageStatus(StrEnum):
    """Twilio's words; whatever else comes is ``unknown``."""

    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    READ = "read"
    RECEIVING = "receiving"
    RECEIVED = "received"
    UNKNOWN = "unknown"


RANK = {
    MessageStatus.SCHEDULED: 0,
    MessageStatus.ACCEPTED: 1,
    MessageStatus.QUEUED: 2,
    MessageStatus.SENDING: 3,
    MessageStatus.SENT: 4,
    MessageStatus.PARTIALLY_DELIVERED: 5,
    MessageStatus.DELIVERED: 6,
    MessageStatus.UNDELIVERED: 6,
    MessageStatus.FAILED: 6,
    MessageStatus.CANCELED: 6,
    MessageStatus.READ: 7,
}
"""The ladder. Unknown and inbound words have no place on it."""
FINAL = frozenset(status for status, rank in RANK.items() if rank >= 6)
_NOT_DELIVERED = frozenset({MessageStatus.UNDELIVERED, MessageStatus.FAILED})
"""Only these carry an error code; and delivery may still be reported after them."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message has come. ``conflict``: two final reports contradict each other."""

    status: MessageStatus | None = None
    error_code: int | None = None
    conflict: bool = False


def parse_status(word: str | None) -> MessageStatus:
    """Twilio's word as a status; what is empty or not known is UNKNOWN."""
    try:
        return MessageStatus((word or "").strip().lower())
    except ValueError:
        return MessageStatus.UNKNOWN


def is_final(status: MessageStatus) -> bool:
    """Whether nothing more need come (``delivered`` may still become ``read``)."""
    return status in FINAL


def advance(current: Delivery, status: MessageStatus, error_code: int | None = None) -> Delivery:
    """What is known after one more report; total, and never a step down.

    Of two final reports of the same rank the first stands and the conflict is flagged, except that
    ``delivered`` replaces ``undelivered`` and ``failed``.
    """
    if status not in RANK:
        return current
    if status is current.status:
        missing = current.error_code is None and status in _NOT_DELIVERED
        return replace(current, error_code=error_code) if missing else current
    if _outranks(status, current.status):
        return replace(current, status=status, error_code=error_code if status in _NOT_DELIVERED else None)
    return replace(current, conflict=current.conflict or _contradict(current.status, status))


def _outranks(new: MessageStatus, old: MessageStatus | None) -> bool:
    if old is None or old not in RANK:
        return True
    return RANK[new] > RANK[old] or (new is MessageStatus.DELIVERED and old in _NOT_DELIVERED)


def _contradict(first: MessageStatus | None, second: MessageStatus) -> bool:
    """Whether both are final and cannot both be true; a late ``delivered`` agrees with ``read``."""
    agree = first is MessageStatus.READ and second is MessageStatus.DELIVERED
    return first in FINAL and second in FINAL and not agree
