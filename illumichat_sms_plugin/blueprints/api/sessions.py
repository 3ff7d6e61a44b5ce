"""Sessions as JSON. Members get masked numbers and find only what they see."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_query
from illumichat_sms_plugin.blueprints.guards import viewer_of, visit_api
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.sessions import (
    SessionListSchema,
    SessionsQuery,
    TextListSchema,
    TextsQuery,
)
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.conversation import read_texts
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.sessions.session_list import (
    NO_SUCH_SESSION,
    list_sessions,
    require_session,
)

blueprint = api_blueprint("sms_api_sessions")


@blueprint.get("/api/sms/sessions/<assistant_id>")
@describe(
    "List the sessions of an assistant, the last texted first.",
    answers={200: SessionListSchema},
    query=SessionsQuery,
    errors=(400,),
)
def get_sessions(assistant_id: str) -> Response:
    """A page of sessions."""
    visit = visit_api(assistant_id, manage=False)
    query = read_query(SessionsQuery)
    limit, offset, cursor = query["limit"], query["offset"], query["cursor"]
    page = list_sessions(
        current_runtime(),
        find_channel_id(assistant_id),
        viewer_of(visit),
        limit=limit,
        offset=offset,
        before=Place.parse(cursor) if cursor else None,
        query=query["q"],
    )
    body = {
        "data": page.sessions,
        "total": page.total,
        "total_is_exact": page.total_is_exact,
        "limit": limit,
        "offset": offset,
        "next_cursor": page.around.older,
    }
    return jsonify(SessionListSchema().dump(body))


@blueprint.get("/api/sms/sessions/<assistant_id>/<session_id>/messages")
@describe(
    "Read the texts of a session, newest first.",
    answers={200: TextListSchema},
    query=TextsQuery,
    errors=(400,),
)
def get_texts(assistant_id: str, session_id: str) -> Response:
    """A page of texts."""
    visit_api(assistant_id, manage=False)
    query = read_query(TextsQuery)
    session = require_session(find_channel_id(assistant_id), our_id(session_id, NO_SUCH_SESSION))
    cursor = query["cursor"]
    page = read_texts(session, limit=query["limit"], before=int(cursor) if cursor else None)
    return jsonify(TextListSchema().dump({"data": page.texts, "next_cursor": page.next_cursor}))
