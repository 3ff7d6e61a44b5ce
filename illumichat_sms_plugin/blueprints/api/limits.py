"""Limits and pauses for programs."""

from __future__ import annotations

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.limits import LimitsOut
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.setup.channel_settings import read_settings

blueprint = api_blueprint("sms_api_limits")

PATH = "/api/sms/config/<assistant_id>"


@blueprint.get(f"{PATH}/limits")
@describe("Read what is used of the limits, and whether sending is paused.", responses={200: LimitsOut})
def read_limits(assistant_id: str) -> Response:
    """Nothing is used where nothing is connected."""
    visit_api(assistant_id, manage=True)
    return _as_json(assistant_id)


@blueprint.post(f"{PATH}/pause")
@describe("Pause sending: texts are recorded and not answered.", responses={200: LimitsOut})
def pause(assistant_id: str) -> Response:
    """The same again changes nothing."""
    visit = visit_api(assistant_id, manage=True)
    pauses.pause(current_runtime(), assistant_id, by=visit.person)
    return _as_json(assistant_id)


@blueprint.post(f"{PATH}/resume")
@describe("Go on sending.", responses={200: LimitsOut}, errors=(409,))
def resume(assistant_id: str) -> Response:
    """409 while an operator has stopped it."""
    visit = visit_api(assistant_id, manage=True)
    pauses.resume(current_runtime(), assistant_id, by=visit.person)
    return _as_json(assistant_id)


def _as_json(assistant_id: str) -> Response:
    return jsonify(LimitsOut().dump(read_settings(current_runtime(), assistant_id)))
