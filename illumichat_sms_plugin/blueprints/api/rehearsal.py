"""Try the assistant out, for programs: write as a texter, read what a phone would get. Nothing is sent."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.guards import Visit, visit_api
from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.rehearsal import RehearsalBody, RehearsalSchema
from illumichat_sms_plugin.services.answering.guidelines import instructions_for
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rehearsal.shown import show, why_silent
from illumichat_sms_plugin.services.rehearsal.try_out import (
    NOT_CONNECTED,
    read_rehearsal,
    start_over,
    write_as_texter,
)

blueprint = api_blueprint("sms_api_rehearsal")

REHEARSAL = "/api/sms/rehearsal/<assistant_id>"


@blueprint.get(REHEARSAL)
@describe(
    "Read what the caller has tried out.",
    responses={200: RehearsalSchema},
    errors=(409,),
    name="readRehearsal",
)
def read(assistant_id: str) -> Response:
    """The caller's own conversation."""
    return _response(visit_api(assistant_id, manage=True))


@blueprint.post(REHEARSAL)
@describe(
    "Write as a texter, without a text that is sent.",
    responses={202: RehearsalSchema},
    body=RehearsalBody,
    errors=(400, 409, 413, 415, 429),
    name="tryOut",
)
def write(assistant_id: str) -> Response:
    """409 while the assistant is thinking, or without a channel."""
    visit, body = visit_api(assistant_id, manage=True), read_json(RehearsalBody)
    write_as_texter(current_runtime(), assistant_id, body["text"], body["number"], by=visit.person)
    response = _response(visit)
    response.status_code = 202
    return response


@blueprint.delete(REHEARSAL)
@describe(
    "Forget what the caller has tried out.",
    responses={200: RehearsalSchema},
    errors=(409,),
    name="forgetRehearsal",
)
def forget(assistant_id: str) -> Response:
    """The host's chat goes with it."""
    visit = visit_api(assistant_id, manage=True)
    start_over(current_runtime(), assistant_id, by=visit.person)
    return _response(visit)


def _response(visit: Visit) -> Response:
    runtime = current_runtime()
    channel = load_channel(runtime, visit.assistant.id)
    if channel is None:
        raise Conflict(NOT_CONNECTED)
    tried = read_rehearsal(runtime, channel.id, by=visit.person)
    shown = show(runtime, channel, tried) if tried is not None else None
    body = {
        "number": shown.number if shown else None,
        "steps": shown.steps if shown else (),
        "is_thinking": shown is not None and shown.is_thinking,
        "is_estimate": shown is None or shown.is_estimate,
        "silent": why_silent(channel),
        "instructions": instructions_for(channel),
    }
    return jsonify(RehearsalSchema().dump(body))
