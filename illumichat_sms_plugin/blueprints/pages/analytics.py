"""The analytics: a part of the SMS page, a page of its own for its links, and a small one for the host."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from flask import request

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages import figures_in_words
from illumichat_sms_plugin.blueprints.pages.bar_chart import draw
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.local_days import DEFAULT_PERIOD, PERIODS
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services.analytics.busy_hours import busiest
from illumichat_sms_plugin.services.analytics.cut_answers import cut_answers_of
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.setup.channel_settings import read_settings

blueprint = page_blueprint("sms_analytics")

WIDGET_PERIOD = 7
WORDS = SimpleNamespace(
    **{
        name: getattr(figures_in_words, name)
        for name in (
            "number",
            "percent",
            "money",
            "seconds",
            "day",
            "weekday",
            "long_day",
            "zone",
            "hour",
            "long_hour",
        )
    }
)


@blueprint.get("/sms/<assistant_id>/analytics")
def analytics_page(assistant_id: str) -> str:
    """The figures of the period in ``?days=``; for htmx only the part that changes."""
    visit = visit_page(assistant_id, manage=False)
    context = panel_context(current_runtime(), visit, request.args.to_dict())
    if wants_fragment():
        return render("analytics/_panel.html", visit=visit, alone="alone" in request.args, **context)
    return render("analytics/page.html", visit=visit, alone=True, **context)


def panel_context(runtime: Runtime, visit: Visit, args: Mapping[str, str]) -> dict[str, Any]:
    """For ``analytics/_panel.html``; a period that does not exist is the usual one."""
    days = {str(period): period for period in PERIODS}.get(args.get("days", ""), DEFAULT_PERIOD)
    figures = analytics(runtime, visit.assistant, days)
    return {
        "figures": figures,
        "cut": cut_answers_of(find_channel_id(visit.assistant.id), figures),
        "chart": draw([(day.date, day.inbound, day.outbound) for day in figures.daily]),
        "hours": draw(
            [(hour, texts, 0) for hour, texts in enumerate(figures.hourly)], labelled=range(0, 24, 6)
        ),
        "peak": busiest(figures.hourly),
        "periods": PERIODS,
        "words": WORDS,
        "active_within": runtime.settings.session_active_within,
        "connected": read_settings(runtime, visit.assistant.id).is_connected,
    }


def widget_context(runtime: Runtime, visit: Visit) -> dict[str, Any]:
    """For ``analytics/widget.html``."""
    return panel_context(runtime, visit, {"days": str(WIDGET_PERIOD)})
