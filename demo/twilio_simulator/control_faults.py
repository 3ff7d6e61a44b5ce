"""``/_sim/faults`` and the holding of callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from demo.twilio_simulator.control_access import Refused, body_of_request
from demo.twilio_simulator.fault_kinds import KINDS, FaultKind
from demo.twilio_simulator.faults import as_json

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def add_fault_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Set, list and end faults."""

    @blueprint.get("/faults")
    def list_faults() -> Response:
        with sim.store.lock:
            return jsonify(
                faults=[as_json(fault) for fault in sim.faults.all],
                kinds=[kind_json(kind) for kind in KINDS.values()],
            )

    @blueprint.post("/faults")
    def add_fault() -> tuple[Response, int]:
        """``{kind, number?, account?, count?, …}``; ``count`` null is until cleared, without it once."""
        values = body_of_request()
        kind = str(values.pop("kind", ""))
        number, account = values.pop("number", None) or None, values.pop("account", None) or None
        count = values.pop("count", 1)
        if count is not None and not isinstance(count, int):
            raise Refused("count must be a number or null")
        if not all(isinstance(value, str | None) for value in (number, account)):
            raise Refused("number and account must be texts")
        fault = sim.faults.add(kind, number=number, account_sid=account, count=count, **values)
        return jsonify(as_json(fault)), 201

    @blueprint.delete("/faults")
    @blueprint.delete("/faults/<fault_id>")
    def clear_faults(fault_id: str | None = None) -> Response:
        return jsonify(cleared=sim.faults.clear(fault_id))


def kind_json(kind: FaultKind) -> dict[str, Any]:
    """A kind of fault, as the control API and the phones page show it."""
    return {
        "name": kind.name,
        "stage": kind.stage,
        "title": kind.title,
        "explanation": kind.explanation,
        "params": dict(kind.params),
    }


def add_callback_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Hold status callbacks back and let them go."""

    @blueprint.post("/hold-callbacks")
    def hold() -> Response:
        sim.callbacks.hold()
        return jsonify(holding=True)

    @blueprint.post("/release-callbacks")
    def release() -> Response:
        """``{reverse?, times?}``."""
        values = body_of_request()
        times = values.get("times", 1)
        if not isinstance(times, int) or not 1 <= times <= 100:
            raise Refused("times must be a number from 1 to 100")
        return jsonify(released=sim.callbacks.release(reverse=bool(values.get("reverse")), times=times))
