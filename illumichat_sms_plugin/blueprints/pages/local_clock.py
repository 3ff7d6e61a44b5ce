"""Times as the workspace's clocks show them."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from illumichat_sms_plugin import in_words
from illumichat_sms_plugin.blueprints.pages import figures_in_words
from illumichat_sms_plugin.host import Workspace
from illumichat_sms_plugin.local_days import find_zone


class LocalClock:
    """Shows times in the workspace's time zone, for templates as ``clock``; ``zone`` says whose time it is."""

    def __init__(self, workspace: Workspace) -> None:
        self._zone = find_zone(workspace.timezone)
        self.zone = figures_in_words.zone(workspace.timezone)

    def day(self, at: datetime) -> str:
        """The day, such as Sunday, 22 Nov 2026."""
        return in_words.day(at.astimezone(self._zone))

    def minute(self, at: datetime) -> Markup:
        """A ``<time>`` such as 22 Nov 2026, 14:03; machines and a pointer at rest get the exact one."""
        return self._element(at, in_words.minute(at.astimezone(self._zone)))

    def second(self, at: datetime) -> Markup:
        """The time of day with seconds: 14:03:07."""
        return self._element(at, f"{at.astimezone(self._zone):%H:%M:%S}")

    def _element(self, at: datetime, text: str) -> Markup:
        exact = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown = f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, shown, text)
