"""The kind of blueprint that every page has."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.exceptions import HTTPException

from illumichat_sms_plugin.blueprints.body_limit import limit_body
from illumichat_sms_plugin.blueprints.pages.errors import page_for_error, page_for_http_error
from illumichat_sms_plugin.blueprints.pages.headers import add_page_headers
from illumichat_sms_plugin.errors import SmsError


def page_blueprint(name: str) -> Blueprint:
    """A blueprint whose responses carry our headers and whose errors are pages."""
    blueprint = Blueprint(name, __name__)
    blueprint.before_request(limit_body)
    blueprint.after_request(add_page_headers)
    blueprint.register_error_handler(SmsError, page_for_error)
    blueprint.register_error_handler(HTTPException, page_for_http_error)
    return blueprint
