"""The parts of the SMS page above and below the form, in their order.

Each part brings a template and the function that makes its context from what the page reads. They are rendered one by one, so that none depends on another's words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from illumichat_sms_plugin.blueprints.pages import analytics as analytics_page
from illumichat_sms_plugin.blueprints.pages import doctor as doctor_page
from illumichat_sms_plugin.blueprints.pages import glance
from illumichat_sms_plugin.blueprints.pages import sessions as session_pages
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.blueprints.pages.rendering import render

PanelContext = Callable[[ChannelReading], dict[str, Any]]
Panel = tuple[str, PanelContext]

GLANCE: Panel = ("glance/_panel.html", glance.panel_context)
"""In the first card; for members too."""
ABOVE_THE_FORM: tuple[Panel, ...] = (("doctor/_panel.html", doctor_page.panel_context),)
"""For those who may manage."""
BELOW_THE_FORM: tuple[Panel, ...] = (
    ("analytics/_panel.html", analytics_page.panel_context),
    ("sessions/_panel.html", session_pages.panel_context),
)
"""For members too."""


def render_panel(panel: Panel, reading: ChannelReading) -> Markup:
    """The HTML of a panel; our own templates, which escape what they show."""
    template, context = panel
    return Markup(render(template, visit=reading.visit, **context(reading)))  # noqa: S704


def render_panels(panels: tuple[Panel, ...], reading: ChannelReading) -> list[Markup]:
    """The HTML of each panel."""
    return [render_panel(panel, reading) for panel in panels]
