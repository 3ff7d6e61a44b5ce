"""The numbers and the short codes that an account owns: list, fetch and update them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.outbound import is_valid_url
from demo.twilio_simulator.paging import page_2010
from demo.twilio_simulator.records import Number
from demo.twilio_simulator.representations import number_json, short_code_json

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

NUMBERS = "/2010-04-01/Accounts/<account_sid>/IncomingPhoneNumbers"

SHORT_CODES = "/2010-04-01/Accounts/<account_sid>/SMS/ShortCodes"

_URLS = {"SmsUrl": "sms_url", "SmsFallbackUrl": "sms_fallback_url", "StatusCallback": "status_callback"}
_METHODS = {
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}


def add_number_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Add the routes of the account's numbers."""

    @blueprint.get(f"{NUMBERS}.json")
    def list_numbers(account_sid: str) -> Response:
        """``PhoneNumber`` matches anywhere in the number, ``FriendlyName`` exactly."""
        wanted, name = request.args.get("PhoneNumber", ""), request.args.get("FriendlyName")
        with sim.store.lock:
            rows = [
                n
                for n in sim.store.numbers.values()
                if n.account_sid == account_sid
                and not n.is_short_code
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
        return jsonify(number_json(_find(sim, account_sid, sid)))

    @blueprint.post(f"{NUMBERS}/<sid>.json")
    def update_number(account_sid: str, sid: str) -> Response:
        with sim.store.change():
            number = _find(sim, account_sid, sid)
            _update(sim, number)
            sim.store.save(number)
            return jsonify(number_json(number))


def add_short_code_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Add the routes of the account's short codes."""

    @blueprint.get(f"{SHORT_CODES}.json")
    def list_short_codes(account_sid: str) -> Response:
        """``ShortCode`` matches anywhere in the code."""
        wanted = request.args.get("ShortCode", "")
        with sim.store.lock:
            rows = [
                n
                for n in sim.store.numbers.values()
                if n.account_sid == account_sid and n.is_short_code and wanted in n.phone_number
            ]
            page = page_2010(
                rows,
                "short_codes",
                request.path,
                request.args,
                show=short_code_json,
                sid=lambda n: n.sid,
            )
        return jsonify(page)

    @blueprint.post(f"{SHORT_CODES}/<sid>.json")
    def update_short_code(account_sid: str, sid: str) -> Response:
        with sim.store.change():
            code = _find(sim, account_sid, sid)
            _update(sim, code)
            sim.store.save(code)
            return jsonify(short_code_json(code))


def _find(sim: Simulator, account_sid: str, sid: str) -> Number:
    number = sim.store.numbers.get(sid)
    if number is None or number.account_sid != account_sid:
        raise ApiError(20404, path=request.path)
    return number


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
