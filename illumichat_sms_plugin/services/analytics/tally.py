"""Counts that add up: over the messages of an hour, the hours of a day, the days of a period.

What cannot be added (a rate, a percentile, an average) is worked out from them at the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from illumichat_sms_plugin.message_status import MessageStatus
from illumichat_sms_plugin.models import Direction, SendState

DELIVERED = frozenset({MessageStatus.DELIVERED.value, MessageStatus.READ.value})
UNDELIVERED = frozenset(
    {MessageStatus.UNDELIVERED.value, MessageStatus.FAILED.value, MessageStatus.CANCELED.value}
)
FREE = frozenset({MessageStatus.FAILED.value, MessageStatus.CANCELED.value})
"""Never left Twilio; where Twilio takes a fee for it all the same, its price says so later."""
NO_CODE = ""
"""Key of failures for which Twilio gave no error code."""


@dataclass(slots=True)
class Tally:
    """Counts by subject. All values are whole numbers, so no order of adding changes a sum."""

    texts: Counter[str] = field(default_factory=Counter)
    """``inbound``, ``outbound``; of the outbound ones ``delivered``, ``failed`` (both final) and ``segments``."""
    failures: Counter[str] = field(default_factory=Counter)
    """Outbound texts that failed, by Twilio's error code."""
    no_reply: Counter[str] = field(default_factory=Counter)
    """Inbound texts that got no answer, by reason."""
    money: Counter[str] = field(default_factory=Counter)
    """What Twilio billed, in millionths, by currency."""
    priced: Counter[str] = field(default_factory=Counter)
    """The segments that was billed for, by currency."""
    unpriced: Counter[str] = field(default_factory=Counter)
    """``segments`` that will cost something and have no price yet."""
    assistant: Counter[str] = field(default_factory=Counter)
    """Answered texts by bucket of the time until we called Twilio; see wait_buckets.py."""
    twilio: Counter[str] = field(default_factory=Counter)
    """The same for the time from there until Twilio reported the answer as delivered."""
    whole: Counter[str] = field(default_factory=Counter)
    """The same for both together."""

    def add(self, other: Tally) -> None:
        """Add ``other`` to this one."""
        for item in fields(self):
            getattr(self, item.name).update(getattr(other, item.name))

    def to_json(self) -> dict[str, dict[str, int]]:
        """As it is stored: only what there is."""
        return {item.name: dict(counts) for item in fields(self) if (counts := +getattr(self, item.name))}

    @classmethod
    def from_json(cls, stored: dict[str, dict[str, int]]) -> Tally:
        """What :meth:`to_json` made."""
        return cls(**{name: Counter(counts) for name, counts in stored.items()})


def add_group(tally: Tally, group: Any) -> None:
    """Add ``texts`` messages that are alike in all that matters here (the columns of count_messages.py)."""
    if group.direction == Direction.INBOUND:
        tally.texts["inbound"] += group.texts
        if group.no_reply_reason is not None:
            tally.no_reply[group.no_reply_reason] += group.texts
        _add_price(tally, group, costs=True)
        return
    tally.texts["outbound"] += group.texts
    accepted = group.send_state == SendState.ACCEPTED
    if accepted:
        tally.texts["segments"] += group.segments
    if accepted and group.status in DELIVERED:
        tally.texts["delivered"] += group.texts
    elif group.send_state == SendState.FAILED or (accepted and group.status in UNDELIVERED):
        tally.texts["failed"] += group.texts
        code = NO_CODE if group.error_code is None else str(group.error_code)
        tally.failures[code] += group.texts
    _add_price(tally, group, costs=accepted and group.status not in FREE)


def _add_price(tally: Tally, group: Any, *, costs: bool) -> None:
    """Without its currency a price is none: amounts of different currencies are never added."""
    if group.priced:
        tally.money[group.price_unit] += group.millionths
        tally.priced[group.price_unit] += group.segments
    elif costs:
        tally.unpriced["segments"] += group.segments
