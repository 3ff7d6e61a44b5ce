"""Where the Doctor's buttons lead."""

from __future__ import annotations

from flask import current_app, url_for

from illumichat_sms_plugin.services.findings import Action

PAGES = {
    "settings": ("sms_channel.channel_page", "settings", None),
    "limits": ("sms_channel.channel_page", "limits", None),
    "webhook": ("sms_channel.channel_page", "webhook", None),
    "sessions": ("sms_sessions.session_list", None, None),
    "decisions": ("sms_sessions.session_list", None, "decision"),
}


def action_url(action: Action, assistant_id: str) -> str | None:
    """The address of an action of the Doctor. Without our pages, a fix's in the API, and None for a place on them."""
    if action.kind == "external":
        return action.target
    if "sms_channel" not in current_app.blueprints:
        in_api = action.kind == "fix"
        return (
            url_for("sms_api_doctor.fix", assistant_id=assistant_id, name=action.target) if in_api else None
        )
    if action.kind == "fix":
        return url_for("sms_doctor.fix", assistant_id=assistant_id, name=action.target)
    endpoint, anchor, show = PAGES[action.target]
    return url_for(endpoint, assistant_id=assistant_id, _anchor=anchor, show=show)
