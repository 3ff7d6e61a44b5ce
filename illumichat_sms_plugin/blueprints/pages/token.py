"""Rotating the Auth Token: enter the next one, make it the main one, drop the old one."""

from __future__ import annotations

from flask import Response, make_response
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel import show_channel
from illumichat_sms_plugin.blueprints.pages.done_note import back_to_page
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.blueprints.pages.seen_version import seen_version
from illumichat_sms_plugin.blueprints.pages.typed_form import typed_secret
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import Conflict, InvalidInput, RateLimited, SmsError, TwilioError
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.account_findings import failure
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.rotate_token import (
    NO_SECOND,
    add_next_token,
    drop_second_token,
    swap_tokens,
)
from illumichat_sms_plugin.services.setup.token_history import TokenPair, stored_tokens

blueprint = page_blueprint("sms_tokens")

REFUSALS = (InvalidInput, RateLimited, TwilioError)


@blueprint.post("/sms/<assistant_id>/settings/token")
def add(assistant_id: str) -> BaseResponse:
    """Keep a second token beside the main one."""
    visit = visit_page(assistant_id, manage=True)
    try:
        token = typed_secret("next_auth_token")
        add_next_token(current_runtime(), visit.assistant, token, by=visit.person)
    except REFUSALS as error:
        return _problem(visit, error)
    return back_to_page(assistant_id, "token-added")


@blueprint.get("/sms/<assistant_id>/settings/token/main")
def ask_make_main(assistant_id: str) -> Response:
    """The question before texts are sent with the other token."""
    return _question(visit_page(assistant_id, manage=True), "main")


@blueprint.post("/sms/<assistant_id>/settings/token/main")
def make_main(assistant_id: str) -> BaseResponse:
    """Send with the second token from now on."""
    visit = visit_page(assistant_id, manage=True)
    seen = seen_version()
    try:
        swap_tokens(current_runtime(), visit.assistant, by=visit.person, seen_version=seen)
    except REFUSALS as error:
        return _problem(visit, error)
    return back_to_page(assistant_id, "token-swapped")


@blueprint.get("/sms/<assistant_id>/settings/token/drop")
def ask_drop(assistant_id: str) -> Response:
    """The question before a token is forgotten."""
    return _question(visit_page(assistant_id, manage=True), "drop")


@blueprint.post("/sms/<assistant_id>/settings/token/drop")
def drop(assistant_id: str) -> BaseResponse:
    """Forget the token that is not the main one."""
    visit = visit_page(assistant_id, manage=True)
    drop_second_token(current_runtime(), visit.assistant, by=visit.person, seen_version=seen_version())
    return back_to_page(assistant_id, "token-dropped")


def _question(visit: Visit, step: str) -> Response:
    settings = read_settings(current_runtime(), visit.assistant.id)
    if not settings.has_next_auth_token:
        raise Conflict(NO_SECOND)
    tokens = stored_tokens(settings.id) if settings.id is not None else TokenPair()
    page = render("settings/token_question.html", visit=visit, settings=settings, tokens=tokens, step=step)
    return make_response(page)


def _problem(visit: Visit, error: SmsError) -> Response:
    """The page with what was wrong in the token's card; a token that was typed is not shown again."""
    status, sentence = error.http_status, str(error)
    if isinstance(error, InvalidInput):
        status, sentence = 422, next(iter(error.fields.values()), sentence)
    elif isinstance(error, TwilioError):
        sentence = failure(error).evidence
    return say_when(show_channel(visit, status, token_problem=sentence), error)
