"""The description of the JSON API, for programs and for the people who write them."""

from __future__ import annotations

from importlib.metadata import version

from flask import Response, current_app

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import build_document

DOCUMENT = "illumichat_sms_openapi"
"""Built at the first request: routes do not change in a running app, and anybody may ask."""

blueprint = api_blueprint("sms_api_openapi")


@blueprint.get("/api/sms/openapi.json")
def openapi() -> Response:
    """The OpenAPI document; it tells nothing about anybody, so anybody may read it."""
    if DOCUMENT not in current_app.extensions:
        runtime = current_runtime()
        document = build_document(
            current_app,
            version("illumichat-sms-plugin"),
            runtime.settings.public_url,
            offered(runtime.host.access, "security_scheme"),
        )
        current_app.extensions[DOCUMENT] = current_app.json.dumps(document)
    return Response(current_app.extensions[DOCUMENT], mimetype="application/json")
