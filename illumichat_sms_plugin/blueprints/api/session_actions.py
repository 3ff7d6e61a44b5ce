"""What an admin decides in a session, for programs: resend, dismiss, answer again, opt out or in, erase."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.api.sessions import session_as_response, session_of
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.sessions import SessionDetailSchema
from illumichat_sms_plugin.schemas.texts import ConsentChange, ErasedSchema, TextSchema
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions import session_actions
from illumichat_sms_plugin.services.sessions.conversation import read_text
from illumichat_sms_plugin.services.sessions.session_list import NO_SUCH_SESSION

blueprint = api_blueprint("sms_api_session_actions")

SESSION = "/api/sms/sessions/<assistant_id>/<session_id>"
TEXT = f"{SESSION}/messages/<message_id>"


@blueprint.post(f"{TEXT}/resend")
@describe(
    "Send an unsettled text again, even if the texter then has it twice.",
    responses={200: TextSchema},
    errors=(409, 429, 502),
    name="resendText",
)
def resend(assistant_id: str, session_id: str, message_id: str) -> Response:
    """Waits for Twilio. 409 when the text was settled meanwhile, or nothing can be sent."""
    visit = visit_api(assistant_id, manage=True)
    session, message = _ids(session_id, message_id)
    session_actions.resend(
        current_runtime(), find_channel_id(assistant_id), session, message, by=visit.person
    )
    return _text(session, message)


@blueprint.post(f"{TEXT}/dismiss")
@describe("Leave an unsettled text as it is.", responses={200: TextSchema}, errors=(409,), name="dismissText")
def dismiss(assistant_id: str, session_id: str, message_id: str) -> Response:
    """409 when the text does not wait for a decision any more."""
    visit = visit_api(assistant_id, manage=True)
    session, message = _ids(session_id, message_id)
    session_actions.dismiss(find_channel_id(assistant_id), session, message, by=visit.person)
    return _text(session, message)


@blueprint.post(f"{TEXT}/answer-again")
@describe(
    "Have a text answered after all whose answer failed.",
    responses={200: TextSchema},
    errors=(409,),
    name="answerTextAgain",
)
def answer_again(assistant_id: str, session_id: str, message_id: str) -> Response:
    """The assistant answers later; 409 when the text is not set aside any more."""
    visit = visit_api(assistant_id, manage=True)
    session, message = _ids(session_id, message_id)
    session_actions.answer_again(
        current_runtime(), find_channel_id(assistant_id), session, message, by=visit.person
    )
    return _text(session, message)


@blueprint.post(f"{SESSION}/consent")
@describe(
    "Opt the texter out, or in again.",
    responses={200: SessionDetailSchema},
    body=ConsentChange,
    errors=(400, 413, 415),
    name="changeConsent",
)
def consent(assistant_id: str, session_id: str) -> Response:
    """What was so already stays as it is, and the response is 200 all the same."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    body = read_json(ConsentChange)
    session_actions.change_consent(
        find_channel_id(assistant_id), session, body["action"], body["evidence"], by=visit.person
    )
    return session_as_response(visit, session)


@blueprint.post(f"{SESSION}/block")
@describe(
    "Block the number: its texts are recorded and not answered. No opt-out.",
    responses={200: SessionDetailSchema},
    name="blockSession",
)
def block(assistant_id: str, session_id: str) -> Response:
    """What was so already stays as it is, and the answer is 200 all the same."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    session_actions.block(find_channel_id(assistant_id), session, by=visit.person, blocked=True)
    return session_as_response(visit, session)


@blueprint.post(f"{SESSION}/unblock")
@describe(
    "Answer a blocked number again.",
    responses={200: SessionDetailSchema},
    name="unblockSession",
)
def unblock(assistant_id: str, session_id: str) -> Response:
    """What was so already stays as it is, and the answer is 200 all the same."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    session_actions.block(find_channel_id(assistant_id), session, by=visit.person, blocked=False)
    return session_as_response(visit, session)


@blueprint.post(f"{SESSION}/wake")
@describe(
    "Say that a person writes: a texter that looked like a machine is answered again.",
    responses={200: SessionDetailSchema},
    name="wakeSession",
)
def wake(assistant_id: str, session_id: str) -> Response:
    """What did not look like a machine stays as it is, and the answer is 200 all the same."""
    visit = visit_api(assistant_id, manage=True)
    session = session_of(assistant_id, session_id)
    session_actions.wake(find_channel_id(assistant_id), session, by=visit.person)
    return session_as_response(visit, session)


@blueprint.delete(SESSION)
@describe(
    "Erase the texter: delete the session with all its texts, here and at Twilio.",
    responses={200: ErasedSchema},
    errors=(409,),
    name="eraseTexter",
)
def erase(assistant_id: str, session_id: str) -> Response:
    """Here at once, at Twilio in the next minutes; the host is asked about its chats and contact. 409 while a text to the number is being sent."""
    visit = visit_api(assistant_id, manage=True)
    session = our_id(session_id, NO_SUCH_SESSION)
    erased = session_actions.erase(current_runtime(), find_channel_id(assistant_id), session, by=visit.person)
    at_host = erased.at_host
    return jsonify(
        ErasedSchema().dump({"texts": erased.texts, "chats": at_host.chats, "contact": at_host.contact})
    )


def _ids(session_id: str, message_id: str) -> tuple[int, int]:
    return our_id(session_id, NO_SUCH_SESSION), our_id(message_id, "There is no such text.")


def _text(session_id: int, message_id: int) -> Response:
    return jsonify(TextSchema().dump(read_text(session_id, message_id)))
