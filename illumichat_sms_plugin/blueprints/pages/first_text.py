"""Text it now: the part of the SMS page that follows a new channel's first text."""

from __future__ import annotations

from typing import Any

from flask import request

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions.first_text import follow_first_text
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of

blueprint = page_blueprint("sms_first_text")

LOOKS = 200
"""So often the part is fetched by itself, every three seconds; then a button asks for more."""


@blueprint.get("/sms/<assistant_id>/first-text")
def first_text(assistant_id: str) -> str:
    """What htmx fetches while an admin waits for the text."""
    visit = visit_page(assistant_id, manage=True)
    settings = read_settings(current_runtime(), assistant_id)
    looks = request.args.get("looks", "")
    number = int(looks) if looks.isascii() and looks.isdigit() and len(looks) < 4 else 0
    part = of_first_text(visit, settings, number)
    return render("settings/_first_text.html", visit=visit, state_now=state_of(settings), **part)


def of_first_text(visit: Visit, settings: ChannelSettings, looks: int = 0) -> dict[str, Any]:
    """For ``settings/_first_text.html``."""
    runtime = current_runtime()
    return {
        "settings": settings,
        "first": follow_first_text(runtime, settings.id) if settings.id is not None else None,
        "looks": looks + 1,
        "goes_on": looks < LOOKS,
        "clock": LocalClock(visit.assistant.workspace),
        "visible": visible_text,
    }
