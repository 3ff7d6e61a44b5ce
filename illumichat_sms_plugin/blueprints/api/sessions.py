"""Sessions as JSON. Members get masked numbers and find only what they see. What is done there is in session_actions.py."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_query
from illumichat_sms_plugin.blueprints.file_response import file_response
from illumichat_sms_plugin.blueprints.guards import Visit, viewer_of, visit_api
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.models.database import read_now
from illumichat_sms_plugin.refusals import SENTENCES
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.page_query import PageQuery
from illumichat_sms_plugin.schemas.sessions import (
    SessionDetailSchema,
    SessionListSchema,
    SessionsQuery,
)
from illumichat_sms_plugin.schemas.texts import TextListSchema
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.people.send_text import texts_not_sent, why_not_to
from illumichat_sms_plugin.services.people.suggestions import waiting_suggestion
from illumichat_sms_plugin.services.sessions.conversation import consent_events, read_texts
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.sessions.past_chats import past_chats
from illumichat_sms_plugin.services.sessions.session_list import (
    NO_SUCH_SESSION,
    Show,
    find_session,
    list_sessions,
    require_session,
)
from illumichat_sms_plugin.services.sessions.shown_files import NO_SUCH_FILE, read_content
from illumichat_sms_plugin.services.sessions.text_filter import text_filter
from illumichat_sms_plugin.services.texters.erase_at_twilio import left_at_twilio
from illumichat_sms_plugin.twilio_gateway.error_codes import explain

blueprint = api_blueprint("sms_api_sessions")


@blueprint.get("/api/sms/sessions/<assistant_id>")
@describe(
    "List the sessions of an assistant, the last texted first.",
    responses={200: SessionListSchema},
    query=SessionsQuery,
    errors=(400,),
)
def get_sessions(assistant_id: str) -> Response:
    """A page of sessions."""
    visit = visit_api(assistant_id, manage=False)
    query = read_query(SessionsQuery)
    limit, offset, cursor = query["limit"], query["offset"], query["cursor"]
    channel_id = find_channel_id(assistant_id)
    page = list_sessions(
        current_runtime(),
        channel_id,
        viewer_of(visit),
        limit=limit,
        offset=offset,
        before=Place.parse(cursor) if cursor else None,
        query=query["q"],
        show=Show(query["show"]),
        texts=text_filter(
            visit.assistant.workspace,
            read_now(),
            **{name: query[name] for name in ("days", "day", "code", "reason")},
        ),
    )
    body = {
        "data": page.sessions,
        "total": page.total,
        "total_is_exact": page.total_is_exact,
        "limit": limit,
        "offset": offset,
        "next_cursor": page.around.older,
        "left_at_twilio": _left(visit, channel_id),
    }
    return jsonify(SessionListSchema().dump(body))


@blueprint.get("/api/sms/sessions/<assistant_id>/<session_id>")
@describe(
    "Read one session, with its consent and what people wrote that was not sent.",
    responses={200: SessionDetailSchema},
    name="getSession",
)
def get_session(assistant_id: str, session_id: str) -> Response:
    """404 for a session of another assistant."""
    visit = visit_api(assistant_id, manage=False)
    return session_as_response(visit, our_id(session_id, NO_SUCH_SESSION))


@blueprint.get("/api/sms/sessions/<assistant_id>/<session_id>/messages")
@describe(
    "Read the texts of a session, newest first.",
    responses={200: TextListSchema},
    query=PageQuery,
    errors=(400,),
)
def get_texts(assistant_id: str, session_id: str) -> Response:
    """A page of texts."""
    visit_api(assistant_id, manage=False)
    query = read_query(PageQuery)
    session = session_of(assistant_id, session_id)
    cursor = query["cursor"]
    page = read_texts(session, limit=query["limit"], before=int(cursor) if cursor else None)
    return jsonify(TextListSchema().dump({"data": page.texts, "next_cursor": page.next_cursor}))


@blueprint.get("/api/sms/sessions/<assistant_id>/<session_id>/files/<file_id>")
@describe(
    "Read what a texter has attached, as bytes of the text's `files[].contentType`.",
    responses={200: "application/octet-stream"},
)
def get_file(assistant_id: str, session_id: str, file_id: str) -> Response:
    """404 for a file of another session."""
    visit_api(assistant_id, manage=False)
    session = session_of(assistant_id, session_id)
    return file_response(read_content(session, our_id(file_id, NO_SUCH_FILE)))


def session_of(assistant_id: str, session_id: str) -> int:
    """Its id, taken from an address; NotFound for one of another assistant."""
    return require_session(find_channel_id(assistant_id), our_id(session_id, NO_SUCH_SESSION))


def session_as_response(visit: Visit, session_id: int) -> Response:
    """The session as the caller may see it; NotFound for one of another assistant."""
    session = find_session(
        current_runtime(), find_channel_id(visit.assistant.id), viewer_of(visit), session_id
    )
    values: dict[str, Any] = {name: getattr(session, name) for name in session.__dataclass_fields__}
    values["consent"] = [
        {"at": event.at, "action": event.action, "evidence": event.evidence if visit.may_manage else None}
        for event in consent_events(session_id)
    ]
    values["suggestion"] = waiting_suggestion(current_runtime(), session_id)
    values["earlier_chats"] = past_chats(current_runtime(), session_id)
    refusal = why_not_to(current_runtime(), session_id)
    values["may_not_send"] = refusal and SENTENCES[refusal]
    values["unsent"] = texts_not_sent(session_id)
    return jsonify(SessionDetailSchema().dump(values))


def _left(visit: Visit, channel_id: int | None) -> dict[str, Any] | None:
    """What of erased texters Twilio still has, for those who may manage."""
    left = left_at_twilio(channel_id) if channel_id is not None and visit.may_manage else None
    if left is None or not left.count:
        return None
    why = explain(left.error_code) if left.failed else None
    return {
        "count": left.count,
        "error_code": left.error_code if left.failed else None,
        "explanation": why and why.sentence,
        "action": why and why.admin_action,
    }
