"""Rendering of our templates, on our pages and in the host's slots."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from typing import Any

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from illumichat_sms_plugin.blueprints.pages import figures_in_words
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.runtime import current_runtime

PACKAGE = "illumichat_sms_plugin"

assets = Blueprint(
    "illumichat_sms",
    PACKAGE,
    static_folder="static",
    static_url_path="/sms/static",
    template_folder="templates",
)
"""Carries the templates and the static files; has no view of its own."""


class Ui:
    """What every template of ours may ask for, as ``ui``."""

    @property
    def layout(self) -> str:
        """The host's layout, to extend."""
        return current_runtime().host.pages.layout

    def csrf_token(self) -> str:
        """The token of the host's CSRF protection."""
        return current_runtime().host.pages.csrf_token()

    def channels_url(self, assistant_id: str) -> str:
        """The assistant's Channels page at the host."""
        return current_runtime().host.pages.channels_url(assistant_id)

    def static(self, name: str) -> str:
        """The address of a static file; the version in it makes browsers fetch a new one after an update."""
        return url_for("illumichat_sms.static", filename=name, v=version("illumichat-sms-plugin"))

    def when(self, moment: datetime, timezone: str) -> Markup:
        """A time in the workspace's zone, with the exact instant behind it."""
        local = moment.astimezone(find_zone(timezone))
        words = f"{local.day} {local:%b %Y, %H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(timespec="seconds"), words)

    def zone(self, timezone: str) -> str:
        """Whose time :meth:`when` shows, such as New York time."""
        return figures_in_words.zone(timezone)


def render(template: str, **context: Any) -> str:
    """Render ``illumichat_sms/<template>`` with ``ui`` and the context."""
    return render_template(f"illumichat_sms/{template}", ui=Ui(), **context)


def wants_fragment() -> bool:
    """Whether htmx asks, and gets the part of the page instead of the page."""
    return request.headers.get("HX-Request") == "true"
