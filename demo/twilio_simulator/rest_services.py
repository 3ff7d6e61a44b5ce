"""Messaging Services of ``messaging.twilio.com/v1`` and what is registered of senders, to be looked at.

Of ``accounts.twilio.com/v1`` the countries that may be texted.

A client whose host is rewritten to the simulator reaches them under ``/v1``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, jsonify, request

from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.geo_permissions import permissions_json
from demo.twilio_simulator.paging import page_size
from demo.twilio_simulator.records import MessagingService
from demo.twilio_simulator.registrations import campaign_json, verification_json
from demo.twilio_simulator.representations import service_json, service_number_json

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def add_service_routes(blueprint: Blueprint, sim: Simulator) -> None:
    """Add the routes of Messaging Services."""

    def find(sid: str) -> MessagingService:
        service = sim.store.services.get(sid)
        if service is None or service.account_sid != g.account.sid:
            raise ApiError(20404, path=request.path)
        return service

    @blueprint.get("/v1/Services")
    def list_services() -> Response:
        with sim.store.lock:
            rows = [s for s in sim.store.services.values() if s.account_sid == g.account.sid]
            return jsonify(_page("services", [service_json(s, sim.url) for s in rows], sim.url))

    @blueprint.get("/v1/Services/<sid>")
    def fetch_service(sid: str) -> Response:
        return jsonify(service_json(find(sid), sim.url))

    @blueprint.get("/v1/Services/<sid>/PhoneNumbers")
    def list_service_numbers(sid: str) -> Response:
        return jsonify(_page("phone_numbers", members(find(sid), short_codes=False), sim.url))

    @blueprint.get("/v1/Services/<sid>/ShortCodes")
    def list_service_short_codes(sid: str) -> Response:
        return jsonify(_page("short_codes", members(find(sid), short_codes=True), sim.url))

    @blueprint.get("/v1/Services/<sid>/Compliance/Usa2p")
    def list_campaigns(sid: str) -> Response:
        service = find(sid)
        rows = [campaign_json(service, sim.url)] if service.campaign_status else []
        return jsonify(_page("compliance", rows, sim.url))

    @blueprint.get("/v1/Tollfree/Verifications")
    def list_verifications() -> Response:
        wanted = request.args.get("TollfreePhoneNumberSid")
        with sim.store.lock:
            rows = [
                verification_json(number, sim.url)
                for number in sim.store.numbers.values()
                if number.toll_free_status
                and number.account_sid == g.account.sid
                and wanted in (None, number.sid)
            ]
        return jsonify(_page("verifications", rows, sim.url))

    @blueprint.get("/v1/Messaging/GeoPermissions")
    def list_geo_permissions() -> Response:
        return jsonify(permissions=permissions_json(g.account, request.args.get("CountryCode", "")))

    def members(service: MessagingService, *, short_codes: bool) -> list[dict[str, Any]]:
        with sim.store.lock:
            numbers = [n for p in service.phone_numbers if (n := sim.store.number_named(p))]
            return [
                service_number_json(service, n, sim.url) for n in numbers if n.is_short_code is short_codes
            ]


def _page(key: str, rows: Sequence[dict[str, Any]], host: str) -> dict[str, Any]:
    """A page of the newer APIs. There are never enough services for a second one."""
    size = page_size(request.args)
    url = f"{host}{request.path}?PageSize={size}&Page=0"
    meta = {
        "first_page_url": url,
        "key": key,
        "next_page_url": None,
        "page": 0,
        "page_size": size,
        "previous_page_url": None,
        "url": url,
    }
    return {"meta": meta, key: rows[:size]}
