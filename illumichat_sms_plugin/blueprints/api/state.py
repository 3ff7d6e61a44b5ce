"""How a channel stands, for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.blueprints.guards import visit_api
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import describe
from illumichat_sms_plugin.schemas.state import StateOut
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of

blueprint = api_blueprint("sms_api_state")


@blueprint.get("/api/sms/state/<assistant_id>")
@describe("Read how the channel stands, in a word or two.", responses={200: StateOut})
def get_state(assistant_id: str) -> Response:
    """Members see the state; why, and what to do, is for those who may manage."""
    visit = visit_api(assistant_id, manage=False)
    state = state_of(read_settings(current_runtime(), assistant_id))
    shown: dict[str, Any] = {"state": state.code.value, "label": state.label, "text": None, "reasons": ()}
    if visit.may_manage:
        shown |= {"text": state.sentence, "reasons": state.reasons}
    return jsonify(StateOut().dump(shown))
