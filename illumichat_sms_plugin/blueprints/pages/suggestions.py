"""A person decides on an answer that the assistant suggests, on the session's page."""

from __future__ import annotations

from flask import make_response, request
from werkzeug.wrappers import Response

from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.sessions import back_to_session, render_session
from illumichat_sms_plugin.refusals import SENTENCES, Refusal
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.people.send_text import Refused
from illumichat_sms_plugin.services.people.suggestions import discard_suggestion, send_suggestion
from illumichat_sms_plugin.services.sessions.session_list import NO_SUCH_SESSION, require_session

blueprint = page_blueprint("sms_suggestions")

SUGGESTION = "/sms/<assistant_id>/sessions/<session_id>/suggestions/<suggestion_id>"


@blueprint.post(f"{SUGGESTION}/send")
def send(assistant_id: str, session_id: str, suggestion_id: str) -> Response:
    """Send it: as it is, or as the form's ``text`` has it."""
    visit = visit_page(assistant_id, manage=True)
    session, suggestion = _ids(assistant_id, session_id, suggestion_id)
    typed = request.form.get("text")
    sent = send_suggestion(current_runtime(), session, suggestion, by=visit.person, body=typed)
    if isinstance(sent, Refused):
        page = render_session(visit, session_id, refused=sent.sentence, typed=typed)
        return make_response(page, 422)
    return back_to_session(visit, session_id, "sent")


@blueprint.post(f"{SUGGESTION}/discard")
def discard(assistant_id: str, session_id: str, suggestion_id: str) -> Response:
    """Send nothing for it."""
    visit = visit_page(assistant_id, manage=True)
    session, suggestion = _ids(assistant_id, session_id, suggestion_id)
    done = discard_suggestion(session, suggestion, by=visit.person)
    return back_to_session(visit, session_id, "discarded" if done else "decided")


def _ids(assistant_id: str, session_id: str, suggestion_id: str) -> tuple[int, int]:
    session = require_session(find_channel_id(assistant_id), our_id(session_id, NO_SUCH_SESSION))
    return session, our_id(suggestion_id, SENTENCES[Refusal.NO_SUGGESTION])
