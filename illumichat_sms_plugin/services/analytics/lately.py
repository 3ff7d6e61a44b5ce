"""What an admin looks at every day, in one look: today's texts, what the month has cost so far, and the last 30 days."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.cost import Cost, cost_of
from illumichat_sms_plugin.services.analytics.period import Days, read_days
from illumichat_sms_plugin.services.analytics.tally import Tally
from illumichat_sms_plugin.services.channels import find_channel_id

LONGEST_MONTH = 31
THIRTY_DAYS = 30
"""Days that limits are proposed from."""


@dataclass(frozen=True, slots=True)
class Today:
    """Counts of the workspace's day so far, and the cost of its month. Each counts as in the analytics."""

    inbound: int
    answered: int
    """Texts whose answer was sent today."""
    unanswered: int
    """Texts of today that got no answer for a reason."""
    outbound: int
    failed: int
    """Texts out of today that failed."""
    month: Cost
    day: int
    """Days of the month so far, this one counted."""


@dataclass(frozen=True, slots=True)
class ThirtyDays:
    """The last 30 days with today: their cost, texts out, segments of these, and texts out of the busiest day."""

    cost: Cost
    outbound: int
    segments: int
    busiest: int


@dataclass(frozen=True, slots=True)
class Lately:
    """Both, of the same moment."""

    today: Today
    thirty_days: ThirtyDays


def look_at_lately(runtime: Runtime, assistant: Assistant) -> Lately:
    """Today, this month and the last 30 days, as the workspace's clocks show them."""
    zone = find_zone(assistant.workspace.timezone)
    days = read_days(find_channel_id(assistant.id), zone, LONGEST_MONTH)
    return Lately(_today(runtime, days), _thirty_days(runtime, days))


def _today(runtime: Runtime, days: Days) -> Today:
    day = days.days[-1]
    tally = days.tally(day)
    return Today(
        inbound=tally.texts["inbound"],
        answered=tally.assistant.total(),
        unanswered=tally.no_reply.total(),
        outbound=tally.texts["outbound"],
        failed=tally.texts["failed"],
        month=_cost(runtime, days.total(day.day)),
        day=day.day,
    )


def _thirty_days(runtime: Runtime, days: Days) -> ThirtyDays:
    total = days.total(THIRTY_DAYS)
    return ThirtyDays(
        cost=_cost(runtime, total),
        outbound=total.texts["outbound"],
        segments=total.texts["segments"],
        busiest=max(days.tally(day).texts["outbound"] for day in days.days[-THIRTY_DAYS:]),
    )


def _cost(runtime: Runtime, tally: Tally) -> Cost:
    return cost_of(tally, Decimal(str(runtime.settings.segment_price)), runtime.settings.price_currency)
