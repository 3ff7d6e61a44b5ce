"""Webhook Setup: look at Twilio where the texts go, and send them here."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.rendering import render, wants_fragment
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import Conflict, NotFound, RateLimited, SmsError, TwilioError
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.further_numbers import MOST
from illumichat_sms_plugin.services.setup.account_findings import failure
from illumichat_sms_plugin.services.setup.webhook_setup import ForeignWebhook, look_at_webhook, set_webhook

blueprint = page_blueprint("sms_webhook_setup")

EXPECTED = (Conflict, NotFound, RateLimited, TwilioError)


@blueprint.get("/sms/<assistant_id>/settings/webhook")
def look(assistant_id: str) -> Response:
    """Where the number's texts go now."""
    visit = visit_page(assistant_id, manage=True)
    try:
        return _answer(visit, now=look_at_webhook(current_runtime(), assistant_id, by=visit.person))
    except EXPECTED as error:
        return _problem(visit, error)


@blueprint.post("/sms/<assistant_id>/settings/webhook")
def point_here(assistant_id: str) -> Response:
    """Point the numbers at us; a foreign address only when the form names it."""
    visit = visit_page(assistant_id, manage=True)
    runtime, form = current_runtime(), request.form
    further = dict(named.split(" ", 1) for named in form.getlist("further")[:MOST] if " " in named)
    try:
        before, after = set_webhook(
            runtime, assistant_id, by=visit.person, replaces=form.get("replaces"), further=further
        )
    except ForeignWebhook:
        return _answer(visit, 409, now=look_at_webhook(runtime, assistant_id, by=visit.person), ask=True)
    except EXPECTED as error:
        return _problem(visit, error)
    return _answer(visit, before=before, now=after)


def _problem(visit: Visit, error: SmsError) -> Response:
    found = failure(error) if isinstance(error, TwilioError) else None
    problem = {"text": found.evidence, "do": found.fix} if found else {"text": str(error), "do": ""}
    return say_when(_answer(visit, error.http_status, problem=problem), error)


def _answer(visit: Visit, status: int = 200, **context: Any) -> Response:
    is_fragment = wants_fragment()
    template = "settings/_target.html" if is_fragment else "settings/webhook.html"
    return make_response(render(template, visit=visit, in_page=is_fragment, **context), status)
