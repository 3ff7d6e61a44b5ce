"""The consent ledger, as JSON page by page and as CSV in one go. Owners and admins only: it is numbers and words of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from flask import Response, jsonify, stream_with_context

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_query
from illumichat_sms_plugin.blueprints.guards import Visit, visit_api
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.schemas.consent import LedgerDays, LedgerPage, LedgerQuery
from illumichat_sms_plugin.schemas.csv_table import to_csv, to_csv_lines
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.texters.ledger import Days, Entry, read_all, read_page

blueprint = api_blueprint("sms_api_consent")

CSV_HEADING = ("Phone number", "Action", "Time (UTC)", "Source", "By", "Evidence")


@blueprint.get("/api/sms/config/<assistant_id>/consent")
@describe(
    "Read who agreed to be texted first, opted out or in, when, and by what, oldest first.",
    responses={200: LedgerPage},
    query=LedgerQuery,
    errors=(400,),
)
def get_consent(assistant_id: str) -> Response:
    """A page of entries."""
    visit = visit_api(assistant_id, manage=True)
    query, channel_id = read_query(LedgerQuery), find_channel_id(assistant_id)
    days, limit = _days(visit, query), query["limit"]
    found = (
        read_page(channel_id, days, after=int(query["cursor"] or 0), limit=limit + 1)
        if channel_id is not None
        else ()
    )
    shown = found[:limit]
    following = shown[-1].id if len(found) > limit else None
    return jsonify(LedgerPage().dump({"data": shown, "next_cursor": following}))


@blueprint.get("/api/sms/config/<assistant_id>/consent.csv")
@describe(
    "Read all of that as a table for spreadsheets.",
    responses={200: "text/csv"},
    query=LedgerDays,
    errors=(400,),
    name="getConfigConsentTable",
)
def get_consent_csv(assistant_id: str) -> Response:
    """Sent as it is read."""
    visit = visit_api(assistant_id, manage=True)
    days, channel_id = _days(visit, read_query(LedgerDays)), find_channel_id(assistant_id)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", assistant_id)
    return Response(
        stream_with_context(_table(channel_id, days)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="sms-{name}-consent.csv"'},
    )


def _days(visit: Visit, query: dict[str, Any]) -> Days:
    return Days.between(query["first"], query["last"], find_zone(visit.assistant.workspace.timezone))


def _table(channel_id: int | None, days: Days) -> Iterator[str]:
    yield to_csv(CSV_HEADING, ())
    if channel_id is not None:
        yield from to_csv_lines(_cells(entry) for entry in read_all(channel_id, days))


def _cells(entry: Entry) -> tuple[str, ...]:
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return entry.phone_number, entry.action, at, entry.source, entry.by, entry.evidence
