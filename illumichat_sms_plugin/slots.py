"""What the plugin shows where the host leaves room on its own pages."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.blueprints.guards import find_visit
from illumichat_sms_plugin.blueprints.pages.analytics import widget_context
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.host import Role
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of


def channel_card(assistant_id: str, **_: Any) -> str:
    """SMS on the assistant's Channels page: its state, why, and the way in. Nothing for guests and strangers."""
    visit = find_visit(assistant_id)
    if visit is None or visit.role is Role.GUEST:
        return ""
    settings = read_settings(current_runtime(), assistant_id)
    return render("card.html", visit=visit, settings=settings, state=state_of(settings))


def analytics_widget(assistant_id: str, **_: Any) -> str:
    """The main figures of the last week. Nothing for guests and strangers, nor before the first connection."""
    visit = find_visit(assistant_id)
    if visit is None or visit.role is Role.GUEST:
        return ""
    context = widget_context(current_runtime(), visit)
    if not context["connected"] and not context["figures"].messages.total:
        return ""
    return render("analytics/widget.html", visit=visit, **context)
