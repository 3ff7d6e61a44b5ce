"""The further numbers of a channel, for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.api.input import read_json
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.schemas.numbers import FurtherNumbers, NumberSwitch
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.further_numbers import further_numbers
from illumichat_sms_plugin.services.setup.switch_number import NO_NUMBER, ask_again, switch_number

blueprint = api_blueprint("sms_api_numbers")

PATH = "/api/sms/config/<assistant_id>/numbers"


@blueprint.get(PATH)
@describe("List the further numbers whose texts come to this channel.", responses={200: FurtherNumbers})
def list_numbers(assistant_id: str) -> Response:
    """Empty when there are none."""
    visit_api(assistant_id, manage=True)
    return jsonify(_as_json(assistant_id))


@blueprint.patch(f"{PATH}/<number_id>")
@describe(
    "Have texts to a further number answered, or not.",
    responses={200: FurtherNumbers},
    body=NumberSwitch,
    errors=(400, 413, 415),
)
def switch(assistant_id: str, number_id: str) -> Response:
    """404 for a number of another channel."""
    visit = visit_api(assistant_id, manage=True)
    enabled = read_json(NumberSwitch)["enabled"]
    switch_number(assistant_id, our_id(number_id, NO_NUMBER), enabled=enabled, by=visit.person)
    return jsonify(_as_json(assistant_id))


@blueprint.post(f"{PATH}/<number_id>/look")
@describe(
    "Have Twilio asked again whose a further number is; housekeeping does so within a minute.",
    responses={200: FurtherNumbers},
    errors=(429,),
)
def look_again(assistant_id: str, number_id: str) -> Response:
    """404 for a number of another channel, and for one that Twilio has confirmed."""
    visit = visit_api(assistant_id, manage=True)
    ask_again(assistant_id, our_id(number_id, NO_NUMBER), by=visit.person)
    return jsonify(_as_json(assistant_id))


def _as_json(assistant_id: str) -> Any:
    channel_id = find_channel_id(assistant_id)
    numbers = further_numbers(channel_id) if channel_id is not None else []
    return FurtherNumbers().dump({"numbers": numbers})
