"""The top of the SMS page: today's figures, this month's cost, and the conversations that were texted last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from illumichat_sms_plugin.blueprints.guards import Visit, viewer_of
from illumichat_sms_plugin.blueprints.pages.analytics import WORDS
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.today import today_so_far
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.last_texts import last_texts
from illumichat_sms_plugin.services.sessions.session_list import list_sessions

CONVERSATIONS = 5


def panel_context(runtime: Runtime, visit: Visit, args: Mapping[str, str]) -> dict[str, Any]:  # noqa: ARG001 - the agreed signature
    """For ``glance/_panel.html``."""
    channel_id = find_channel_id(visit.assistant.id)
    sessions = list_sessions(runtime, channel_id, viewer_of(visit), limit=CONVERSATIONS).sessions
    return {
        "today": today_so_far(runtime, visit.assistant),
        "conversations": sessions,
        "last_texts": last_texts([session.id for session in sessions]),
        "words": WORDS,
    }
