"""The top of the SMS page: today's figures, this month's cost, and the conversations that were texted last."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from illumichat_sms_plugin.blueprints.pages.analytics import WORDS
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.services.sessions.last_texts import last_texts
from illumichat_sms_plugin.services.sessions.waiting_for_people import who_waits


def panel_context(reading: ChannelReading) -> dict[str, Any]:
    """For ``glance/_panel.html``."""
    sessions = reading.newest_sessions.sessions
    return {
        "today": reading.lately.today,
        "waiting": who_waits(reading.channel_id),
        "month_limit": _limit_of_the_month(reading),
        "conversations": sessions,
        "last_texts": last_texts([session.id for session in sessions]),
        "words": WORDS,
    }


def _limit_of_the_month(reading: ChannelReading) -> Decimal | int | None:
    return next((used.limit for used in reading.settings.used if used.name == "money_month"), None)
