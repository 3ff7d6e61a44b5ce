"""The simulator's own API below ``/_sim``: look at everything, text from a phone, set faults.

For this machine only, and closed to pages of other origins: requests must come from loopback with a
loopback ``Host``, and what changes something must be JSON.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from demo.twilio_simulator import seed
from demo.twilio_simulator.fault_kinds import KINDS, FaultKind
from demo.twilio_simulator.faults import as_json
from demo.twilio_simulator.records import Account, Message, MessagingService, Number, new_sid

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

_PHONE = re.compile(r"[^\x00-\x1f]{1,100}\Z")


class Refused(Exception):  # noqa: N818 - read as what is answered
    """The request makes no sense; answered as 400 with the sentence, or another status."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def control_api(sim: Simulator) -> Blueprint:
    """The blueprint of the control API."""
    blueprint = Blueprint("control_api", __name__, url_prefix="/_sim")
    blueprint.before_request(let_in)

    @blueprint.errorhandler(Refused)
    @blueprint.errorhandler(LookupError)
    @blueprint.errorhandler(ValueError)
    def refuse(error: Exception) -> tuple[Response, int]:
        status = (
            error.status if isinstance(error, Refused) else 404 if isinstance(error, LookupError) else 400
        )
        return jsonify(error=str(error)), status

    _add_state(blueprint, sim)
    _add_inbound(blueprint, sim)
    _add_faults(blueprint, sim)
    _add_callbacks(blueprint, sim)
    _add_numbers(blueprint, sim)
    _add_accounts(blueprint, sim)
    return blueprint


def let_in() -> tuple[Response, int] | None:
    """Refuse callers from elsewhere, and browsers that were sent here by a foreign page."""
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    host = urlsplit(f"//{request.host}").hostname or ""
    if not local or (host != "localhost" and not _is_loopback(host)):
        return jsonify(error="the control API is for this machine only"), 403
    if request.method in ("POST", "PUT", "DELETE") and not request.is_json:
        return jsonify(error="the control API takes JSON only"), 415
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def body_of_request() -> dict[str, Any]:
    """The JSON object that was sent."""
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise Refused("the body must be a JSON object")
    return values


def _add_state(blueprint: Blueprint, sim: Simulator) -> None:
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
    """A message; ``from`` instead of ``from_``."""
    values = dataclasses.asdict(message)
    values["from"] = values.pop("from_")
    return values


def account_json(account: Account) -> dict[str, Any]:
    """An account without its keys."""
    values = dataclasses.asdict(account)
    for secret in ("auth_token", "secondary_auth_token", "shared_key_secret"):
        del values[secret]
    return values


def _add_inbound(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.post("/inbound")
    def inbound() -> tuple[Response, int]:
        """``{from, to, body, media?, sid?, extra?, wait?}``; ``media`` are content types or their number."""
        values = body_of_request()
        from_, to, body = values.get("from"), values.get("to"), values.get("body", "")
        if not isinstance(from_, str) or not _PHONE.match(from_) or not isinstance(to, str):
            raise Refused("from and to must be phone numbers")
        if not isinstance(body, str) or len(body) > 100_000:
            raise Refused("body must be a text of at most 100,000 characters")
        media = values.get("media") or []
        media = ["image/png"] * min(media, 10) if isinstance(media, int) else [str(m) for m in media][:10]
        extra = values.get("extra") or {}
        if not isinstance(extra, dict):
            raise Refused("extra must be an object of parameters")
        wait = bool(values.get("wait", False))
        message, hooks = sim.inbound.receive(
            from_, to, body, media=media, sid=values.get("sid"), extra=extra, wait=wait
        )
        with sim.store.lock:
            shown = [dataclasses.asdict(hook) for hook in hooks]
        return jsonify(sid=message.sid, webhooks=shown), 200 if wait else 202


def _add_faults(blueprint: Blueprint, sim: Simulator) -> None:
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


def _add_callbacks(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.post("/hold-callbacks")
    def hold() -> Response:
        sim.callbacks.hold()
        return jsonify(holding=True)

    @blueprint.post("/release-callbacks")
    def release() -> Response:
        """``{reverse?, times?}``."""
        values = body_of_request()
        times = int(values.get("times", 1))
        return jsonify(released=sim.callbacks.release(reverse=bool(values.get("reverse")), times=times))


def _add_numbers(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.get("/numbers")
    def list_numbers() -> Response:
        with sim.store.lock:
            return jsonify(numbers=[dataclasses.asdict(n) for n in sim.store.numbers.values()])

    @blueprint.post("/numbers")
    def put_number() -> tuple[Response, int]:
        """``{phone_number, account_sid?, sms_url?, …}``: buy a number, or change one that is there."""
        values = body_of_request()
        phone_number = str(values.pop("phone_number", ""))
        if not re.fullmatch(r"\+?\d{3,15}", phone_number):
            raise Refused("phone_number must be a phone number")
        with sim.store.change():
            number = sim.store.number_named(phone_number) or Number(
                sid=new_sid("PN"), account_sid=seed.ACCOUNT_SID, phone_number=phone_number
            )
            _assign(number, values, fixed={"sid", "phone_number"})
            sim.store.save(number)
        return jsonify(dataclasses.asdict(number)), 201

    @blueprint.post("/services")
    def put_service() -> tuple[Response, int]:
        """``{sid?, phone_numbers, inbound_request_url?, use_inbound_webhook_on_number?, …}``."""
        values = body_of_request()
        sid = str(values.pop("sid", "") or new_sid("MG"))
        with sim.store.change():
            service = sim.store.services.get(sid) or MessagingService(sid=sid, account_sid=seed.ACCOUNT_SID)
            _assign(service, values, fixed={"sid"})
            sim.store.save(service)
        return jsonify(dataclasses.asdict(service)), 201


def _add_accounts(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.post("/accounts")
    def put_account() -> tuple[Response, int]:
        """``{sid?, auth_token?, friendly_name?, status?, …}``: open an account, or change one."""
        values = body_of_request()
        sid = str(values.pop("sid", "") or new_sid("AC"))
        with sim.store.change():
            account = sim.store.accounts.get(sid) or Account(
                sid=sid, auth_token=new_sid(""), friendly_name="New account"
            )
            _assign(account, values, fixed={"sid"})
            sim.store.save(account)
        return jsonify(dataclasses.asdict(account)), 201


def _assign(record: Account | Number | MessagingService, values: dict[str, Any], fixed: set[str]) -> None:
    known = {field.name: field for field in dataclasses.fields(record)}
    for name, value in values.items():
        if name not in known or name in fixed:
            raise Refused(f"{name} cannot be set")
        present = getattr(record, name)
        if present is not None and value is not None and type(value) is not type(present):
            raise Refused(f"{name} must be {type(present).__name__}")
        setattr(record, name, value)
