"""Analytics as JSON and as CSV. Members may read them: there is nothing in them about one person."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_query
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.analytics import AnalyticsQuery, AnalyticsSchema
from illumichat_sms_plugin.schemas.csv_table import to_csv
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.services.analytics.cut_answers import cut_answers_of
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.channels import find_channel_id

blueprint = api_blueprint("sms_api_analytics")

CSV_HEADING = ("Date", "Inbound", "Outbound", "Segments sent", "Delivered", "Failed")


@blueprint.get("/api/sms/analytics/<assistant_id>")
@describe(
    "Read the figures of the last 7, 30 or 90 days.",
    responses={200: AnalyticsSchema},
    query=AnalyticsQuery,
    errors=(400,),
)
def get_analytics(assistant_id: str) -> Response:
    """All figures."""
    visit = visit_api(assistant_id, manage=False)
    figures = analytics(current_runtime(), visit.assistant, read_query(AnalyticsQuery)["days"])
    values: dict[str, Any] = {name: getattr(figures, name) for name in figures.__dataclass_fields__}
    values["cut_answers"] = cut_answers_of(find_channel_id(assistant_id), figures)
    return jsonify(AnalyticsSchema().dump(values))


@blueprint.get("/api/sms/analytics/<assistant_id>.csv")
@describe(
    "Read the daily breakdown as a table for spreadsheets.",
    responses={200: "text/csv"},
    query=AnalyticsQuery,
    errors=(400,),
)
def get_analytics_csv(assistant_id: str) -> Response:
    """The daily breakdown."""
    visit = visit_api(assistant_id, manage=False)
    figures = analytics(current_runtime(), visit.assistant, read_query(AnalyticsQuery)["days"])
    rows = (
        (day.date, day.inbound, day.outbound, day.segments, day.delivered, day.failed)
        for day in figures.daily
    )
    name = re.sub(r"[^A-Za-z0-9_-]", "_", assistant_id)
    return Response(
        to_csv(CSV_HEADING, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="sms-{name}-{figures.days}-days.csv"'},
    )
