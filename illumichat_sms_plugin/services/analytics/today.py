"""What an admin looks at every day: today's texts, and what the month has cost so far."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone, local_date
from illumichat_sms_plugin.models import db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.cost import Cost
from illumichat_sms_plugin.services.analytics.figures import read_period, work_out
from illumichat_sms_plugin.services.analytics.tally import Tally
from illumichat_sms_plugin.services.channels import find_channel_id


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


def today_so_far(runtime: Runtime, assistant: Assistant) -> Today:
    """Today and this month, as the workspace's clocks show them."""
    zone = find_zone(assistant.workspace.timezone)
    with transaction() as connection:
        now = connection.execute(select(db_now())).scalar_one()
    day = local_date(now, zone).day
    period = read_period(runtime, find_channel_id(assistant.id), zone, day)
    tally = period.tallies.get(period.days[-1], Tally())
    return Today(
        inbound=tally.texts["inbound"],
        answered=tally.assistant.total(),
        unanswered=tally.no_reply.total(),
        outbound=tally.texts["outbound"],
        failed=tally.texts["failed"],
        month=work_out(runtime, period).cost,
        day=day,
    )
