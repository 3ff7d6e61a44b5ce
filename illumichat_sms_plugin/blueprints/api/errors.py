"""Errors of the JSON API: ``{"error": text, "code": "kind:api", "details"?: {field: text}}``."""

from __future__ import annotations

from flask import Response, jsonify, make_response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from illumichat_sms_plugin.blueprints.denials import note_denial
from illumichat_sms_plugin.blueprints.retry_after import say_when
from illumichat_sms_plugin.errors import InvalidInput, SmsError, Unauthorized
from illumichat_sms_plugin.schemas.camel import camel

HTTP_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "rate_limit",
}


def json_for_error(error: SmsError) -> BaseResponse:
    """An error of ours."""
    note_denial(error)
    response = _response(
        str(error), error.code, error.http_status, error.fields if isinstance(error, InvalidInput) else None
    )
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    return say_when(response, error)


def json_for_http_error(error: HTTPException) -> BaseResponse:
    """What Werkzeug refuses, such as a body that is too large."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    kind = HTTP_CODES.get(status, "internal" if status >= 500 else "bad_request")
    return _response(error.description or "The request could not be used.", kind, status)


def _response(sentence: str, kind: str, status: int, fields: dict[str, str] | None = None) -> Response:
    body: dict[str, object] = {"error": sentence, "code": f"{kind}:api"}
    if fields:
        body["details"] = {camel(name): text for name, text in fields.items()}
    response = jsonify(body)
    response.status_code = status
    return response
