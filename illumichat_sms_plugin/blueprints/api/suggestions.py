"""A person decides on an answer that the assistant suggests, for programs."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.api.sessions import session_as_response, session_of
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.refusals import SENTENCES, Refusal
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.sessions import SessionDetailSchema
from illumichat_sms_plugin.schemas.texts import PersonTextSchema, SuggestionBody
from illumichat_sms_plugin.services.people.send_text import Refused
from illumichat_sms_plugin.services.people.suggestions import discard_suggestion, send_suggestion

blueprint = api_blueprint("sms_api_suggestions")

SUGGESTION = "/api/sms/sessions/<assistant_id>/<session_id>/suggestions/<suggestion_id>"


@blueprint.post(f"{SUGGESTION}/send")
@describe(
    "Send an answer that the assistant suggests, as it is or edited.",
    responses={200: PersonTextSchema},
    body=SuggestionBody,
    errors=(400, 409, 413, 415),
    name="sendSuggestion",
)
def send(assistant_id: str, session_id: str, suggestion_id: str) -> Response:
    """Kept when this returns, and sent in a moment. 409 says why it may not go out, or that somebody has decided."""
    visit = visit_api(assistant_id, manage=True)
    session, suggestion = session_of(assistant_id, session_id), _suggestion(suggestion_id)
    body = read_json(SuggestionBody).get("text")
    sent = send_suggestion(current_runtime(), session, suggestion, by=visit.person, body=body)
    if isinstance(sent, Refused):
        raise (NotFound if sent.reason is Refusal.NO_SUGGESTION else Conflict)(sent.sentence)
    return jsonify(PersonTextSchema().dump(sent))


@blueprint.post(f"{SUGGESTION}/discard")
@describe(
    "Discard an answer that the assistant suggests: nothing goes out for it.",
    responses={200: SessionDetailSchema},
    errors=(409,),
    name="discardSuggestion",
)
def discard(assistant_id: str, session_id: str, suggestion_id: str) -> Response:
    """409 when somebody has decided on it, or it has lapsed."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    if not discard_suggestion(session, _suggestion(suggestion_id), by=visit.person):
        raise Conflict(SENTENCES[Refusal.DECIDED])
    return session_as_response(visit, session)


def _suggestion(suggestion_id: str) -> int:
    return our_id(suggestion_id, SENTENCES[Refusal.NO_SUGGESTION])
