"""Reading what a program sends: strict JSON and strict queries, each wrong field named."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from illumichat_sms_plugin.errors import InvalidInput

JSON = "application/json"


def read_json(schema: type[Schema], *, partial: bool = False) -> dict[str, Any]:
    """The request's body as ``schema`` loads it; InvalidInput names every field that is wrong or unknown."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType("Send JSON, with Content-Type application/json.")
    try:
        body = json.loads(request.get_data(), parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return _load(schema, body, partial=partial)


def read_query(schema: type[Schema]) -> dict[str, Any]:
    """The request's query as ``schema`` loads it; a name given twice is refused."""
    twice = {name: "Give it once." for name, values in request.args.lists() if len(values) > 1}
    if twice:
        raise InvalidInput("Some parameters cannot be used.", twice)
    return _load(schema, request.args.to_dict())


def _load(schema: type[Schema], data: dict[str, Any], *, partial: bool = False) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema().load(data, partial=partial, unknown="raise")
    except ValidationError as error:
        raise InvalidInput("Some fields cannot be used.", _flat(error.messages)) from None
    return loaded


def _flat(messages: Any, path: str = "") -> dict[str, str]:
    """Marshmallow's nested messages as one sentence per field."""
    if not isinstance(messages, dict):
        return {path or "body": str(messages[0] if isinstance(messages, list) else messages)}
    found: dict[str, str] = {}
    for name, inner in messages.items():
        found |= _flat(inner, f"{path}.{name}" if path else str(name))
    return found


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
