"""Twilio's REST API: the frame (access, errors, log), accounts, balance and applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, jsonify, request

from demo.twilio_simulator import representations as shown
from demo.twilio_simulator.access import authenticate, authorize, strike_before_working
from demo.twilio_simulator.api_keys import refuse_beyond
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.paging import page_2010
from demo.twilio_simulator.records import ApiRequest
from demo.twilio_simulator.rest_messages import add_message_routes
from demo.twilio_simulator.rest_numbers import add_number_routes, add_short_code_routes
from demo.twilio_simulator.rest_services import add_service_routes

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

ACCOUNTS = "/2010-04-01/Accounts"


def rest_api(sim: Simulator) -> Blueprint:
    """The blueprint with every REST route."""
    blueprint = Blueprint("rest_api", __name__)
    _add_frame(blueprint, sim)
    _add_account_routes(blueprint, sim)
    add_message_routes(blueprint, sim)
    add_number_routes(blueprint, sim)
    add_short_code_routes(blueprint, sim)
    add_service_routes(blueprint, sim)
    return blueprint


def _add_frame(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.before_request
    def let_in() -> None:
        endpoint = (request.endpoint or "").partition(".")[2]
        g.log = ApiRequest(request.method, request.full_path.rstrip("?"), None, "")
        with sim.store.change():
            sim.store.requests.append(g.log)
        creating = endpoint == "create_message"
        username = request.authorization.username if request.authorization else ""
        strike_before_working(sim.faults, sim.scheduler, request, username or "", creating=creating)
        account, key = authenticate(sim.store, request)
        g.log.username = username or ""
        g.account, g.log.account_sid = account, account.sid
        path_sid = (request.view_args or {}).get("account_sid")
        authorize(account, path_sid, reading_account=endpoint == "fetch_account", creating=creating)
        if key is not None:
            refuse_beyond(key, endpoint)

    @blueprint.after_request
    def note(response: Response) -> Response:
        with sim.store.change():
            g.log.status = response.status_code
        return response

    @blueprint.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        g.log.code = error.code
        error.message = error.message.replace("{path}", request.path)
        return api_error(error)


def api_error(error: ApiError) -> Response:
    """The refusal as a response."""
    response = jsonify(error.body())
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def _add_account_routes(blueprint: Blueprint, sim: Simulator) -> None:
    @blueprint.get(f"{ACCOUNTS}/<account_sid>.json")
    def fetch_account(account_sid: str) -> Response:  # noqa: ARG001 - checked before
        return jsonify(shown.account_json(g.account))

    @blueprint.get(f"{ACCOUNTS}/<account_sid>/Balance.json")
    def fetch_balance(account_sid: str) -> Response:  # noqa: ARG001
        return jsonify(shown.balance_json(g.account))

    @blueprint.get(f"{ACCOUNTS}/<account_sid>/Applications.json")
    def list_applications(account_sid: str) -> Response:
        with sim.store.lock:
            rows = [a for a in sim.store.applications.values() if a.account_sid == account_sid]
        page = page_2010(
            rows,
            "applications",
            request.path,
            request.args,
            show=shown.application_json,
            sid=lambda row: row.sid,
        )
        return jsonify(page)

    @blueprint.get(f"{ACCOUNTS}/<account_sid>/Applications/<sid>.json")
    def fetch_application(account_sid: str, sid: str) -> Response:
        application = sim.store.applications.get(sid)
        if application is None or application.account_sid != account_sid:
            raise ApiError(20404, path=request.path)
        return jsonify(shown.application_json(application))
