"""The top of the SMS page: today's figures, this month's cost, and the conversations that were texted last."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.blueprints.pages.analytics import WORDS
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.services.sessions.last_texts import last_texts


def panel_context(reading: ChannelReading) -> dict[str, Any]:
    """For ``glance/_panel.html``."""
    sessions = reading.newest_sessions.sessions
    return {
        "today": reading.lately.today,
        "conversations": sessions,
        "last_texts": last_texts([session.id for session in sessions]),
        "words": WORDS,
    }
