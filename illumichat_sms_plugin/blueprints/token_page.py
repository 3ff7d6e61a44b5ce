"""Rotating the Auth Token: enter the next one, make it the main one, drop the old one."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.channel_page import show_channel
from illumichat_sms_plugin.blueprints.guards import visit_page
from illumichat_sms_plugin.blueprints.kinds import page_blueprint
from illumichat_sms_plugin.blueprints.settings_page import back_to_page
from illumichat_sms_plugin.errors import InvalidInput, TwilioError
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.findings import failure
from illumichat_sms_plugin.services.setup.rotate_token import add_next_token, drop_second_token, swap_tokens

blueprint = page_blueprint("sms_tokens")


@blueprint.post("/sms/<assistant_id>/settings/token")
def add(assistant_id: str) -> BaseResponse:
    """Keep a second token beside the main one."""
    visit = visit_page(assistant_id, manage=True)
    try:
        token = request.form.get("next_auth_token", "")
        add_next_token(current_runtime(), visit.assistant, token, by=visit.person)
    except InvalidInput as error:
        return show_channel(visit, 422, token_problem=next(iter(error.fields.values()), str(error)))
    except TwilioError as error:
        return show_channel(visit, error.http_status, token_problem=failure(error).text)
    return back_to_page(assistant_id, "token-added")


@blueprint.post("/sms/<assistant_id>/settings/token/main")
def make_main(assistant_id: str) -> BaseResponse:
    """Send with the second token from now on."""
    visit = visit_page(assistant_id, manage=True)
    try:
        swap_tokens(current_runtime(), visit.assistant, by=visit.person)
    except InvalidInput as error:
        return show_channel(visit, 422, token_problem=str(error))
    except TwilioError as error:
        return show_channel(visit, error.http_status, token_problem=failure(error).text)
    return back_to_page(assistant_id, "token-swapped")


@blueprint.post("/sms/<assistant_id>/settings/token/drop")
def drop(assistant_id: str) -> BaseResponse:
    """Forget the token that is not the main one."""
    visit = visit_page(assistant_id, manage=True)
    drop_second_token(current_runtime(), visit.assistant, by=visit.person)
    return back_to_page(assistant_id, "token-dropped")
