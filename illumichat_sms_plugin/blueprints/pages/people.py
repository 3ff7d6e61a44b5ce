"""A person answers a texter, on the session's page."""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response

from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.sessions import back_to_session, render_session
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.people import handling
from illumichat_sms_plugin.services.people.send_text import Refused, send_text
from illumichat_sms_plugin.services.sessions.session_list import NO_SUCH_SESSION, require_session

blueprint = page_blueprint("sms_people")


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/messages")
def send(assistant_id: str, session_id: str) -> Response:
    """Send the texter a text."""
    visit = visit_page(assistant_id, manage=True)
    session = _session(assistant_id, session_id)
    text, key = request.form.get("text", ""), request.form.get("key", "")
    picture = request.form.get("media_url", "")
    sent = send_text(current_runtime(), session, text, by=visit.person, key=key, media_url=picture)
    if isinstance(sent, Refused):
        typed = {"refused": sent.sentence, "typed": text, "typed_picture": picture}
        return make_response(render_session(visit, session_id, **typed), 422)
    return back_to_session(visit, session_id, "sent")


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/take-over")
def take_over(assistant_id: str, session_id: str) -> Response:
    """Answer in the assistant's place."""
    visit = visit_page(assistant_id, manage=True)
    handling.take_over(current_runtime(), _session(assistant_id, session_id), by=visit.person)
    return back_to_session(visit, session_id, "taken_over")


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/hand-back")
def hand_back(assistant_id: str, session_id: str) -> Response:
    """Let the assistant answer again."""
    visit = visit_page(assistant_id, manage=True)
    done = handling.hand_back(current_runtime(), _session(assistant_id, session_id), by=visit.person)
    return back_to_session(visit, session_id, "handed_back" if done else "unchanged")


def _session(assistant_id: str, session_id: str) -> int:
    return require_session(find_channel_id(assistant_id), our_id(session_id, NO_SUCH_SESSION))
