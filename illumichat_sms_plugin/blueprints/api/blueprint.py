"""The kind of blueprint that every JSON route has."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from illumichat_sms_plugin.blueprints.api.errors import json_for_error, json_for_http_error
from illumichat_sms_plugin.blueprints.body_limit import limit_body
from illumichat_sms_plugin.errors import SmsError


def api_blueprint(name: str) -> Blueprint:
    """A blueprint whose errors are JSON; nothing of it is kept in a cache."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(limit_body)
    blueprint.after_request(_add_headers)
    blueprint.register_error_handler(SmsError, json_for_error)
    blueprint.register_error_handler(HTTPException, json_for_http_error)
    return blueprint


def _add_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
