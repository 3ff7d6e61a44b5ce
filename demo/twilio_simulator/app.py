"""The web application: the REST API, the control API and the phones page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from demo.twilio_simulator.control_api import control_api
from demo.twilio_simulator.errors import ApiError
from demo.twilio_simulator.phones_page import phones_page
from demo.twilio_simulator.rest_api import api_error, rest_api
from demo.twilio_simulator.rest_media import media_cdn

if TYPE_CHECKING:
    from demo.twilio_simulator.simulator import Simulator


def create_app(sim: Simulator) -> Flask:
    """The Flask app of one simulator."""
    app = Flask(__name__)
    app.config.update(PROPAGATE_EXCEPTIONS=True, MAX_CONTENT_LENGTH=16 * 1024 * 1024)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(rest_api(sim))
    app.register_blueprint(control_api(sim))
    app.register_blueprint(media_cdn(sim))
    app.register_blueprint(phones_page(sim))

    @app.errorhandler(HTTPException)
    def not_here(error: HTTPException) -> Response:
        """Unknown paths and methods, in Twilio's words below its paths."""
        if request.path.startswith(("/2010-04-01", "/v1/")):
            return api_error(ApiError(20004 if error.code == 405 else 20404, path=request.path))
        response = jsonify(error=error.name, message=error.description)
        response.status_code = error.code or 500
        return response

    return app
