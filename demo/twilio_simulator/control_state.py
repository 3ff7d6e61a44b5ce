"""``GET /_sim/state``: everything the simulator knows, for other processes."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from demo.twilio_simulator.faults import as_json
from demo.twilio_simulator.records import Account, Message

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def add_state_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Look at everything, and start afresh."""

    @blueprint.get("/state")
    def state() -> Response:
        with sim.store.lock:
            return jsonify(state_json(sim))

    @blueprint.post("/reset")
    def reset() -> Response:
        sim.reset()
        return jsonify(ok=True)


def state_json(sim: Simulator) -> dict[str, Any]:
    """Everything, without the accounts' tokens."""
    store = sim.store
    created = [m for m in store.messages.values() if m.created_by == "api"]
    pairs: dict[str, list[str]] = {}
    for message in created:
        pairs.setdefault(f"{message.to} {message.from_}", []).append(message.sid)
    webhooks = [{**dataclasses.asdict(w), "params": [list(p) for p in w.params]} for w in store.webhooks]
    return {
        "version": store.version,
        "accounts": [account_json(account) for account in store.accounts.values()],
        "numbers": [dataclasses.asdict(number) for number in store.numbers.values()],
        "services": [dataclasses.asdict(service) for service in store.services.values()],
        "opt_outs": [dataclasses.asdict(opt_out) for opt_out in store.opt_outs.values()],
        "messages": [message_json(message) for message in store.messages.values()],
        "created_by_api": pairs,
        "created_by": Counter(m.created_by for m in store.messages.values()),
        "webhooks": [w for w in webhooks if w["kind"] != "status"],
        "callbacks": [w for w in webhooks if w["kind"] == "status"],
        "holding_callbacks": sim.callbacks.holding,
        "held_callbacks": [hook.id for hook in sim.callbacks.held],
        "faults": [as_json(fault) for fault in sim.faults.all],
        "debugger": [dataclasses.asdict(entry) for entry in store.debugger],
        "requests": [dataclasses.asdict(entry) for entry in store.requests],
        "media_fetches": list(store.media_fetches),
    }


def message_json(message: Message) -> dict[str, Any]:
    """A message; ``from`` instead of ``from_``, and its media without their content."""
    values = dataclasses.asdict(message)
    values["from"] = values.pop("from_")
    for media in values["media"]:
        del media["data"]
    return values


def account_json(account: Account) -> dict[str, Any]:
    """An account without its keys."""
    values = dataclasses.asdict(account)
    for secret in ("auth_token", "secondary_auth_token", "shared_key_secret"):
        del values[secret]
    return values
