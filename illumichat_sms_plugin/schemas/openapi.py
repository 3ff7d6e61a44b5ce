"""The OpenAPI document, gathered from what each JSON view says about itself.

    @blueprint.get("/api/sms/doctor/<assistant_id>")
    @describe("Run the Doctor.", responses={200: DoctorSchema}, query=DoctorQuery, errors=(400,))
    def run_doctor(assistant_id: str) -> Response: ...

Views below ``/api/sms/`` without ``describe`` are Twilio's, or somebody forgot it (a test finds out).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields

from illumichat_sms_plugin.schemas.camel import CamelSchema

View = TypeVar("View", bound=Callable[..., Any])
KEY, METRICS_TOKEN = "apiKey", "metricsToken"
"""The security schemes: what opens a view."""
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key of the platform. Who is signed in there may call from the browser, too.",
}
ALWAYS = (401, 403, 404)
"""What every route that names an assistant may answer besides."""
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


class ErrorSchema(CamelSchema):
    """Every error of the API."""

    error = fields.String(
        required=True, metadata={"description": "What happened and what to do, for people."}
    )
    code = fields.String(required=True, metadata={"description": "For programs, such as `bad_request:api`."})
    details = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "A sentence per unusable field."},
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view says about itself. ``responses`` maps a status to a schema, or to a media type such as
    ``text/csv``, or to None for no body."""

    summary: str
    responses: Mapping[int, type[Schema] | str | None]
    query: type[Schema] | None = None
    body: type[Schema] | None = None
    headers: type[Schema] | None = None
    errors: tuple[int, ...] = ()
    opened_by: str | None = KEY
    name: str = ""
    """The id of the operation where that of its address is taken."""


def describe(
    summary: str,
    *,
    responses: Mapping[int, type[Schema] | str | None],
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    headers: type[Schema] | None = None,
    errors: tuple[int, ...] = (),
    opened_by: str | None = KEY,
    name: str = "",
) -> Callable[[View], View]:
    """Attach an :class:`Operation` to a view. ``errors`` are those besides 401, 403 and 404.

    ``opened_by`` is the security scheme; None for a view that anybody may call.
    """

    def attach(view: View) -> View:
        view.operation = Operation(summary, responses, query, body, headers, errors, opened_by, name)  # type: ignore[attr-defined]
        return view

    return attach


def build_document(
    app: Flask, version: str, server: str, scheme: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document over all described views of ``app``.

    ``server`` is the public base URL, ``scheme`` the host's security scheme in place of a bearer token.
    """
    spec = APISpec(
        title="IllumiChat SMS",
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        servers=[{"url": server}],
        info={"description": "The SMS channel of an assistant. Times are ISO-8601 in UTC, ids are strings."},
    )
    spec.components.security_scheme(KEY, dict(scheme or BEARER))
    spec.components.security_scheme(
        METRICS_TOKEN, {"type": "http", "scheme": "bearer", "description": "The setting SMS_METRICS_TOKEN."}
    )
    spec.components.schema("Error", schema=ErrorSchema)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation: Operation | None = getattr(app.view_functions[rule.endpoint], "operation", None)
        if operation is not None:
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            spec.path(
                path=_ARGUMENT.sub(r"{\2}", rule.rule),
                operations={method.lower(): _as_dict(operation, rule.rule, method) for method in methods},
            )
    return spec.to_dict()


def _as_dict(operation: Operation, rule: str, method: str) -> dict[str, Any]:
    parameters: list[Any] = [_path_parameter(name) for _, name in _ARGUMENT.findall(rule)]
    for place, schema in (("query", operation.query), ("header", operation.headers)):
        if schema is not None:
            parameters.append({"in": place, "schema": schema})
    errors = (*operation.errors, *(ALWAYS if _ARGUMENT.search(rule) else ()))
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.name or _name_of(rule, method),
        "parameters": parameters,
        "security": [{operation.opened_by: []}] if operation.opened_by else [],
        "responses": {
            str(status): _response(status, schema) for status, schema in operation.responses.items()
        }
        | {str(status): _response(status, ErrorSchema) for status in sorted(set(errors))},
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": operation.body}},
        }
    return described


def _name_of(rule: str, method: str) -> str:
    """``GET /api/sms/config/<assistant_id>/webhook`` is ``getConfigWebhook``."""
    words = _ARGUMENT.sub("", rule).removeprefix("/api/sms").title()
    return method.lower() + words.translate({ord(char): None for char in "/.-_"})


def _path_parameter(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "string",
        "minLength": 1,
        "maxLength": 64,
        "pattern": "^[A-Za-z0-9_-]+$",
    }
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _response(status: int, schema: type[Schema] | str | None) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if isinstance(schema, str):
        described["content"] = {schema: {"schema": {"type": "string"}}}
    elif schema is not None:
        described["content"] = {"application/json": {"schema": schema}}
    return described
