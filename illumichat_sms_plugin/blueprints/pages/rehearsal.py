"""Try it here: the page on which an admin texts the assistant, and nothing is sent."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from illumichat_sms_plugin.blueprints.guards import Visit, visit_page
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import Conflict, InvalidInput, RateLimited
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.guidelines import instructions_for
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rehearsal.shown import show, why_silent
from illumichat_sms_plugin.services.rehearsal.try_out import (
    LONGEST,
    read_rehearsal,
    start_over,
    usual_number,
    write_as_texter,
)

blueprint = page_blueprint("sms_rehearsal")


@blueprint.get("/sms/<assistant_id>/try")
def try_it(assistant_id: str) -> str:
    """The page; without a script it reloads by itself while the assistant thinks."""
    return render("rehearsal/page.html", **_context(visit_page(assistant_id, manage=True)))


@blueprint.get("/sms/<assistant_id>/try/conversation")
def conversation(assistant_id: str) -> Response:
    """What htmx fetches while the assistant thinks: nothing until it has answered, so that nobody's place is lost."""
    context = _context(visit_page(assistant_id, manage=True))
    if context["shown"] is not None and context["shown"].is_thinking:
        return make_response("", 204)
    return make_response(render("rehearsal/_conversation.html", **context))


@blueprint.post("/sms/<assistant_id>/try")
def write(assistant_id: str) -> Response:
    """Write as the texter."""
    visit = visit_page(assistant_id, manage=True)
    text, number = request.form.get("text", ""), request.form.get("number", "")
    try:
        write_as_texter(current_runtime(), assistant_id, text, number, by=visit.person)
    except (InvalidInput, Conflict, RateLimited) as error:
        page = render(
            "rehearsal/page.html", **_context(visit), wrong=str(error), typed=text, typed_number=number
        )
        status = 422 if isinstance(error, InvalidInput) else error.http_status
        return say_when(make_response(page, status), error)
    return redirect(url_for(".try_it", assistant_id=assistant_id), 303)


@blueprint.post("/sms/<assistant_id>/try/start-over")
def forget(assistant_id: str) -> Response:
    """Begin a new conversation."""
    visit = visit_page(assistant_id, manage=True)
    start_over(current_runtime(), assistant_id, by=visit.person)
    return redirect(url_for(".try_it", assistant_id=assistant_id), 303)


def _context(visit: Visit) -> dict[str, Any]:
    runtime, assistant = current_runtime(), visit.assistant
    channel = load_channel(runtime, assistant.id)
    tried = read_rehearsal(runtime, channel.id, by=visit.person) if channel is not None else None
    return {
        "visit": visit,
        "assistant": assistant,
        "channel": channel,
        "clock": LocalClock(assistant.workspace),
        "visible": visible_text,
        "shown": show(runtime, channel, tried) if channel is not None and tried is not None else None,
        "silent": why_silent(channel) if channel is not None else None,
        "instructions": instructions_for(channel) if channel is not None else "",
        "usual": usual_number(channel) if channel is not None else "",
        "longest": LONGEST,
    }
