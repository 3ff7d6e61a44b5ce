"""The simulator's own API below ``/_sim``: look at everything, text from a phone, set faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

from demo.twilio_simulator.control_access import Refused, let_in
from demo.twilio_simulator.control_faults import add_callback_routes, add_fault_routes
from demo.twilio_simulator.control_inbound import add_inbound_routes
from demo.twilio_simulator.control_owned import add_account_routes, add_number_routes
from demo.twilio_simulator.control_state import add_state_routes
from demo.twilio_simulator.fault_kinds import FaultError
from demo.twilio_simulator.inbound import UnknownNumber

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def control_api(sim: Simulator) -> Blueprint:
    """The blueprint of the control API."""
    blueprint = Blueprint("control_api", __name__, url_prefix="/_sim")
    blueprint.before_request(let_in)

    @blueprint.errorhandler(Refused)
    @blueprint.errorhandler(FaultError)
    def refuse(error: Refused | FaultError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @blueprint.errorhandler(UnknownNumber)
    def not_found(error: UnknownNumber) -> tuple[Response, int]:
        return jsonify(error=str(error)), 404

    add_state_routes(blueprint, sim)
    add_inbound_routes(blueprint, sim)
    add_fault_routes(blueprint, sim)
    add_callback_routes(blueprint, sim)
    add_number_routes(blueprint, sim)
    add_account_routes(blueprint, sim)
    return blueprint
