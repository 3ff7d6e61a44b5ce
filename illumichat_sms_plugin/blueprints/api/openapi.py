"""The description of the JSON API, for programs and for the people who write them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from flask import Response, current_app

from illumichat_sms_plugin.blueprints.api.blueprint import api_blueprint
from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.openapi import build_document

logger = logging.getLogger("illumichat_sms.host")

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
            _scheme_of_the_host(runtime.host.access),
        )
        current_app.extensions[DOCUMENT] = current_app.json.dumps(document)
    return Response(current_app.extensions[DOCUMENT], mimetype="application/json")


def _scheme_of_the_host(access: object) -> Mapping[str, Any] | None:
    """What callers show, as the host says it; None where it says nothing that can stand in the document."""
    scheme = offered(access, "security_scheme")
    if scheme is None or isinstance(scheme, Mapping):
        return scheme
    logger.warning("access.security_scheme is no mapping: the OpenAPI document says bearer token")
    return None
