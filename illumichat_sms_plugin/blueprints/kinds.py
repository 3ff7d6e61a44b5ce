"""The two kinds of blueprints: pages for people, JSON for programs."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from illumichat_sms_plugin.blueprints.api_errors import json_for_error, json_for_http_error
from illumichat_sms_plugin.blueprints.page_errors import page_for_error, page_for_http_error
from illumichat_sms_plugin.blueprints.page_headers import add_page_headers
from illumichat_sms_plugin.errors import SmsError

MAX_BODY = 65536
"""Bytes; no form and no JSON of ours comes near it."""


def page_blueprint(name: str) -> Blueprint:
    """A blueprint whose answers carry our headers and whose errors are pages."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(_bound_the_body)
    blueprint.after_request(add_page_headers)
    blueprint.register_error_handler(SmsError, page_for_error)
    blueprint.register_error_handler(HTTPException, page_for_http_error)
    return blueprint


def api_blueprint(name: str) -> Blueprint:
    """A blueprint whose errors are JSON; nothing of it is kept in a cache."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(_bound_the_body)
    blueprint.after_request(_add_api_headers)
    blueprint.register_error_handler(SmsError, json_for_error)
    blueprint.register_error_handler(HTTPException, json_for_http_error)
    return blueprint


def _bound_the_body() -> None:
    request.max_content_length = MAX_BODY


def _add_api_headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
