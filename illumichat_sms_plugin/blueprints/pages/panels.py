"""The parts of the SMS page above and below the form, in their order.

Each part brings a template and the function that makes its context from the runtime, the visit and
the page's query. They are rendered one by one, so that none depends on another's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from illumichat_sms_plugin.blueprints.guards import Visit
from illumichat_sms_plugin.blueprints.pages import analytics as analytics_page
from illumichat_sms_plugin.blueprints.pages import doctor as doctor_page
from illumichat_sms_plugin.blueprints.pages import glance
from illumichat_sms_plugin.blueprints.pages import sessions as session_pages
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.runtime import Runtime

PanelContext = Callable[[Runtime, Visit, Mapping[str, str]], dict[str, Any]]
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


def render_panel(panel: Panel, runtime: Runtime, visit: Visit, query: Mapping[str, str]) -> Markup:
    """The HTML of a panel; our own templates, which escape what they show."""
    template, context = panel
    return Markup(render(template, visit=visit, **context(runtime, visit, query)))  # noqa: S704


def render_panels(
    panels: tuple[Panel, ...], runtime: Runtime, visit: Visit, query: Mapping[str, str]
) -> list[Markup]:
    """The HTML of each panel."""
    return [render_panel(panel, runtime, visit, query) for panel in panels]
