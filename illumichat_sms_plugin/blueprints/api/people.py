"""A person answers a texter, for programs: send, take over, hand back; or texts first."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.api.sessions import session_as_response, session_of
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.sessions import SessionDetailSchema
from illumichat_sms_plugin.schemas.texts import FirstTextBody, PersonTextBody, PersonTextSchema
from illumichat_sms_plugin.services.people import handling
from illumichat_sms_plugin.services.people.send_text import Refused, send_text
from illumichat_sms_plugin.services.people.start_text import start_text

blueprint = api_blueprint("sms_api_people")

SESSION = "/api/sms/sessions/<assistant_id>/<session_id>"


@blueprint.post(f"{SESSION}/messages")
@describe(
    "Send the texter a text as a person, and take the session over by that.",
    responses={200: PersonTextSchema},
    body=PersonTextBody,
    errors=(400, 409, 413, 415),
    name="sendText",
)
def send(assistant_id: str, session_id: str) -> Response:
    """Kept when this returns, and sent in a moment. 409 says why it may not go out."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    body = read_json(PersonTextBody)
    picture = body["media_url"]
    sent = send_text(
        current_runtime(), session, body["text"], by=visit.person, key=body["key"], media_url=picture
    )
    if isinstance(sent, Refused):
        raise Conflict(sent.sentence)
    return jsonify(PersonTextSchema().dump(sent))


@blueprint.post("/api/sms/messages/<assistant_id>")
@describe(
    "Text one number first whose owner agreed to it.",
    responses={200: PersonTextSchema},
    body=FirstTextBody,
    errors=(400, 409, 413, 415),
    name="startText",
)
def start(assistant_id: str) -> Response:
    """Kept when this returns, and sent in a moment. 409 says why it may not go out, and at night when it may."""
    visit = visit_api(assistant_id, manage=True)
    body = read_json(FirstTextBody)
    started = start_text(
        current_runtime(),
        assistant_id,
        body["number"],
        body["text"],
        consent=Consent(**body["consent"]),
        key=body["key"],
        by=visit.person,
    )
    if isinstance(started, Refused):
        raise Conflict(started.sentence)
    return jsonify(PersonTextSchema().dump(started))


@blueprint.post(f"{SESSION}/take-over")
@describe(
    "Let a person answer in the assistant's place.",
    responses={200: SessionDetailSchema},
    name="takeSessionOver",
)
def take_over(assistant_id: str, session_id: str) -> Response:
    """By the caller's name. What was so already stays as it is."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    handling.take_over(current_runtime(), session, by=visit.person)
    return session_as_response(visit, session)


@blueprint.post(f"{SESSION}/hand-back")
@describe(
    "Let the assistant answer again, also what no person has answered.",
    responses={200: SessionDetailSchema},
    name="handSessionBack",
)
def hand_back(assistant_id: str, session_id: str) -> Response:
    """What was so already stays as it is."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    handling.hand_back(current_runtime(), session, by=visit.person)
    return session_as_response(visit, session)
