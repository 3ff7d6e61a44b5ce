"""The description of the JSON API, for programs and for the people who write them."""

from __future__ import annotations

from importlib.metadata import version

from flask import Response, current_app, jsonify

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import build_document

blueprint = api_blueprint("sms_api_openapi")


@blueprint.get("/api/sms/openapi.json")
def openapi() -> Response:
    """The OpenAPI document; it tells nothing about anybody, so anybody may read it."""
    document = build_document(
        current_app, version("illumichat-sms-plugin"), current_runtime().settings.public_url
    )
    return jsonify(document)
