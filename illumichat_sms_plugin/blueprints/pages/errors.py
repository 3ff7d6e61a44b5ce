"""What a person reads when a page cannot do what was asked."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.denials import note_denial
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import InvalidInput, SmsError, Unauthorized
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.runtime import current_runtime

TITLES = {
    400: say("That did not work"),
    403: say("Not for your role"),
    404: say("Nothing here"),
    409: say("That cannot be done now"),
    413: say("Too much at once"),
    429: say("A little slower, please"),
    502: say("Twilio did not answer as expected"),
}


def page_for_error(error: SmsError) -> BaseResponse:
    """An error page in the host's layout; a stranger is sent to sign in; htmx gets a fragment."""
    note_denial(error)
    if isinstance(error, Unauthorized):
        return _to_sign_in()
    fields = error.fields if isinstance(error, InvalidInput) else {}
    return say_when(_answer(str(error), error.http_status, fields), error)


def page_for_http_error(error: HTTPException) -> BaseResponse:
    """The same for what Werkzeug refuses, such as a form that is too large."""
    if error.response is not None:
        return make_response(error.response)
    return _answer(error.description or say("The request could not be used."), error.code or 500)


def _answer(sentence: str, status: int, fields: dict[str, str] | None = None) -> Response:
    template = "_alert.html" if wants_fragment() else "error.html"
    title = TITLES.get(status, say("Something broke"))
    page = render(template, title=title, sentence=sentence, fields=fields or {}, back=_way_back(status))
    return make_response(page, status)


def _way_back(status: int) -> str | None:
    """The SMS page, for a person who may see it: an error after a form has no page to reload."""
    assistant_id = (request.view_args or {}).get("assistant_id")
    if assistant_id is None or status in (403, 404):
        return None
    return url_for("sms_channel.channel_page", assistant_id=assistant_id)


def _to_sign_in() -> BaseResponse:
    is_page = request.method == "GET" and not wants_fragment()
    here = request.full_path.rstrip("?") if is_page else "/"
    url = current_runtime().host.access.sign_in_url(request.script_root + here)
    if not wants_fragment():
        return redirect(url)
    response = make_response(
        render("_alert.html", title=say("Signed out"), sentence=say("Sign in again.")), 401
    )
    response.headers["HX-Redirect"] = url  # a redirect would put the sign-in page into this one
    return response
