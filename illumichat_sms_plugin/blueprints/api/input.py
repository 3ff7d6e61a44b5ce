"""Reading what a program sends: strict JSON and strict queries, each wrong field named."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.schemas.strict_fields import SecretString
from illumichat_sms_plugin.secret import Secret

JSON = "application/json"
NO_STRING = object()


def read_json(schema: type[Schema], *, partial: bool = False) -> dict[str, Any]:
    """The request's body as ``schema`` loads it; InvalidInput names every field that is wrong or unknown."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType("Send JSON, with Content-Type application/json.")
    body = _parsed(_secret_names(schema))
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return _load(schema, body, partial=partial)


def _secret_names(schema: type[Schema]) -> frozenset[str]:
    """The names under which a body holds secrets."""
    return frozenset(
        field.data_key or name for name, field in schema().fields.items() if isinstance(field, SecretString)
    )


def _parsed(secret_names: frozenset[str]) -> Any:
    """The body with its secrets wrapped as it is read, so that nothing after this holds one in the clear."""

    def wrap(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: _wrapped(value) if name in secret_names else value for name, value in pairs}

    try:
        return json.loads(request.get_data(), parse_constant=_not_a_number, object_pairs_hook=wrap)
    except (ValueError, RecursionError):
        pass  # Raised below: as its context, the parser's error would carry the whole body along.
    raise InvalidInput("The body is not valid JSON.")


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


def _wrapped(value: Any) -> Any:
    """A string as a secret; null stays null, and anything else is no secret, whatever it holds."""
    if isinstance(value, str):
        return Secret(value)
    return None if value is None else NO_STRING


def _not_a_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
