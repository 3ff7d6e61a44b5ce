"""Twilio's message status as a ladder: callbacks may come in any order, the status never steps down.

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
    UNKNOWN = "unknown"


_RANK = {
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
FINAL = frozenset(status for status, rank in _RANK.items() if rank >= 6)
_BAD = frozenset({MessageStatus.UNDELIVERED, MessageStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message has come. ``conflict``: two different final reports were received."""

    status: MessageStatus | None = None
    error_code: int | None = None
    conflict: bool = False


def parse_status(word: str | None) -> MessageStatus:
    """Twilio's word as a status; unknown, empty and inbound words are ``unknown``."""
    try:
        return MessageStatus((word or "").strip().lower())
    except ValueError:
        return MessageStatus.UNKNOWN


def is_final(status: MessageStatus) -> bool:
    """Whether nothing more is expected (``delivered`` may still become ``read``)."""
    return status in FINAL


def advance(current: Delivery, status: MessageStatus, error_code: int | None = None) -> Delivery:
    """What is known after one more report; total, and never a step down."""
    if status not in _RANK:
        return current
    if current.status is None or _is_upgrade(current.status, status):
        return replace(current, status=status, error_code=error_code if status in _BAD else None)
    if status is current.status:
        missing = current.error_code is None and status in _BAD
        return replace(current, error_code=error_code) if missing else current
    if status in FINAL and current.status in FINAL and MessageStatus.READ not in (status, current.status):
        return replace(current, conflict=True)
    return current


def _is_upgrade(old: MessageStatus, new: MessageStatus) -> bool:
    return _RANK[new] > _RANK[old] or (old in _BAD and new is MessageStatus.DELIVERED)
