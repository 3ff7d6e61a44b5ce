"""``/_sim/numbers``, ``/_sim/services`` and ``/_sim/accounts``: what there is at this Twilio."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from demo.twilio_simulator import seed
from demo.twilio_simulator.control_access import Refused, body_of_request
from demo.twilio_simulator.records import Account, MessagingService, Number, new_sid

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def add_number_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Buy and change numbers, and put them into Messaging Services."""

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


def add_account_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Open and change accounts."""

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
