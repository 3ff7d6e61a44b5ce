"""The analytics: a part of the SMS page, a page of its own for its links, and a small one for the host."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import request

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages import figures_in_words
from illumichat_sms_plugin.blueprints.pages.bar_chart import draw
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.local_days import DEFAULT_PERIOD, PERIODS
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services.analytics.busy_hours import busiest
from illumichat_sms_plugin.services.analytics.cut_answers import cut_answers_of
from illumichat_sms_plugin.services.analytics.figures import analytics

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
    context = panel_context(ChannelReading(current_runtime(), visit, request.args.to_dict()))
    if wants_fragment():
        return render("analytics/_panel.html", visit=visit, alone="alone" in request.args, **context)
    return render("analytics/page.html", visit=visit, alone=True, **context)


def panel_context(reading: ChannelReading) -> dict[str, Any]:
    """For ``analytics/_panel.html``; a period that does not exist is the usual one."""
    days = {str(period): period for period in PERIODS}.get(reading.query.get("days", ""), DEFAULT_PERIOD)
    figures = analytics(reading.runtime, reading.visit.assistant, days)
    return {
        "figures": figures,
        "cut": cut_answers_of(reading.channel_id, figures),
        "chart": draw([(day.date, day.inbound, day.outbound) for day in figures.daily]),
        "hours": draw(
            [(hour, texts, 0) for hour, texts in enumerate(figures.hourly)], labelled=range(0, 24, 6)
        ),
        "peak": busiest(figures.hourly),
        "periods": PERIODS,
        "words": WORDS,
        "active_within": reading.runtime.settings.session_active_within,
        "connected": reading.settings.is_connected,
    }


def widget_context(runtime: Runtime, visit: Visit) -> dict[str, Any]:
    """For ``analytics/widget.html``."""
    return panel_context(ChannelReading(runtime, visit, {"days": str(WIDGET_PERIOD)}))
