"""The IncomingPhoneNumbers resource: list, fetch and update the numbers an account owns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.outbound import is_valid_url
from demo.twilio_simulator.paging import page_2010
from demo.twilio_simulator.records import Number
from demo.twilio_simulator.representations import number_json

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

NUMBERS = "/2010-04-01/Accounts/<account_sid>/IncomingPhoneNumbers"

_URLS = {"SmsUrl": "sms_url", "SmsFallbackUrl": "sms_fallback_url", "StatusCallback": "status_callback"}
_METHODS = {
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}


def add_number_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Add the routes of the account's numbers."""

    def find(account_sid: str, sid: str) -> Number:
        number = sim.store.numbers.get(sid)
        if number is None or number.account_sid != account_sid:
            raise ApiError(20404, path=request.path)
        return number

    @blueprint.get(f"{NUMBERS}.json")
    def list_numbers(account_sid: str) -> Response:
        """``PhoneNumber`` matches anywhere in the number, ``FriendlyName`` exactly."""
        wanted, name = request.args.get("PhoneNumber", ""), request.args.get("FriendlyName")
        with sim.store.lock:
            rows = [
                n
                for n in sim.store.numbers.values()
                if n.account_sid == account_sid
                and wanted.lstrip("+ ") in n.phone_number
                and name in (None, n.friendly_name or n.phone_number)
            ]
            page = page_2010(
                rows,
                "incoming_phone_numbers",
                request.path,
                request.args,
                show=number_json,
                sid=lambda n: n.sid,
            )
        return jsonify(page)

    @blueprint.get(f"{NUMBERS}/<sid>.json")
    def fetch_number(account_sid: str, sid: str) -> Response:
        return jsonify(number_json(find(account_sid, sid)))

    @blueprint.post(f"{NUMBERS}/<sid>.json")
    def update_number(account_sid: str, sid: str) -> Response:
        with sim.store.change():
            number = find(account_sid, sid)
            _update(sim, number)
            sim.store.save(number)
            return jsonify(number_json(number))


def _update(sim: Simulator, number: Number) -> None:
    changes: dict[str, str] = {}
    for parameter, field in _URLS.items():
        if parameter in request.form:
            url = request.form[parameter]
            if url and not is_valid_url(url):
                raise ApiError(21502, url=url)
            changes[field] = url
    for parameter, field in _METHODS.items():
        if parameter in request.form:
            method = request.form[parameter].upper()
            if method not in ("GET", "POST"):
                raise ApiError(20422, name=parameter)
            changes[field] = method
    if "SmsApplicationSid" in request.form:
        application = request.form["SmsApplicationSid"]
        known = sim.store.applications.get(application)
        if application and (known is None or known.account_sid != number.account_sid):
            raise ApiError(20404, path=f"Applications/{application}")
        changes["sms_application_sid"] = application
    if "FriendlyName" in request.form:
        changes["friendly_name"] = request.form["FriendlyName"][:64]
    for field, value in changes.items():
        setattr(number, field, value)
    number.date_updated = time.time()
