"""What an admin may want to set: a limit in money that fits the channel, and shorter answers where they cost much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.services.analytics.lately import ThirtyDays

ROOM = 2
"""A proposed month is so many times the last 30 days; a proposed day, three times that by day."""
MUCH = 3
"""Segments of a usual answer that are worth a word."""
ENOUGH = 10
"""Texts out before an average says something."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Limits that leave room for what the channel has cost in 30 days."""

    spent: Decimal
    currency: str
    per_day: Decimal
    per_month: Decimal


def propose(options: ChannelOptions, lately: ThirtyDays) -> Proposal | None:
    """Limits in money, for a channel that has none and has cost something."""
    spent = lately.cost.estimated
    if options.money_per_day or options.money_per_month or spent <= 0:
        return None
    per_month = _rounded_up(spent * ROOM)
    per_day = _rounded_up(spent * lately.busiest / (lately.outbound or 1) * ROOM)
    return Proposal(spent, lately.cost.currency, per_day, per_month)


def segments_of_an_answer(lately: ThirtyDays) -> float | None:
    """How many segments a text out takes on average, where that is more than ``MUCH``; None otherwise."""
    average = lately.segments / lately.outbound if lately.outbound >= ENOUGH else 0.0
    return average if average > MUCH else None


def _rounded_up(amount: Decimal) -> Decimal:
    """To two digits, and no less than one cent: 12.34 is 13, 0.1234 is 0.13."""
    step = max(Decimal(10) ** (amount.adjusted() - 1), Decimal("0.01"))
    return (amount / step).to_integral_value(ROUND_CEILING) * step
