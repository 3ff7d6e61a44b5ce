"""The audit for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy import Row

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_query
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.schemas.audit import AuditList
from illumichat_sms_plugin.schemas.camel import camel
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.page_query import PageQuery
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.channels import find_channel_id

blueprint = api_blueprint("sms_api_audit")


@blueprint.get("/api/sms/config/<assistant_id>/audit")
@describe(
    "Read who changed what of the channel, and what people decided about its texts, newest first.",
    responses={200: AuditList},
    query=PageQuery,
    errors=(400,),
)
def get_audit(assistant_id: str) -> Response:
    """A page of entries."""
    visit_api(assistant_id, manage=True)
    query, channel_id = read_query(PageQuery), find_channel_id(assistant_id)
    limit, cursor = query["limit"], query["cursor"]
    found = (
        recent_entries(channel_id, limit + 1, int(cursor) if cursor else None)
        if channel_id is not None
        else ()
    )
    shown = [_as_dict(row) for row in found[:limit]]
    following = shown[-1]["id"] if len(found) > limit else None
    return jsonify(AuditList().dump({"data": shown, "next_cursor": following}))


def _as_dict(row: Row[Any]) -> dict[str, Any]:
    changes = [change | {"field": camel(change["field"])} for change in row.changes]
    return dict(row._mapping) | {"changes": changes}
