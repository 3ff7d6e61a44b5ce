"""The phones page at ``/``: handsets in the browser, faults to set, and what went over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, render_template, request

from demo.twilio_simulator import seed
from demo.twilio_simulator.control_access import let_in
from demo.twilio_simulator.feed import fault_groups, feed, numbers

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAX_PHONES = 6


def phones_page(sim: Simulator) -> Blueprint:
    """The blueprint of the page and what it polls."""
    blueprint = Blueprint("phones_page", __name__)
    blueprint.before_request(let_in)

    @blueprint.get("/")
    def page() -> Response:
        with sim.store.lock:
            owned = numbers(sim.store)
        html = render_template(
            "phones.html",
            numbers=owned,
            phones=seed.PHONES,
            fault_groups=fault_groups(),
            app_url=sim.app_url,
        )
        response = Response(html)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @blueprint.get("/_sim/feed")
    def what_is_new() -> Response:
        """What the page shows for ``?phone=…``; only the version when it is still ``?version=``."""
        with sim.store.lock:
            if request.args.get("version") == str(sim.store.version):
                return jsonify(version=sim.store.version)
            return jsonify(feed(sim, request.args.getlist("phone")[:MAX_PHONES]))

    return blueprint
