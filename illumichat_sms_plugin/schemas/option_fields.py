"""The options of a channel as fields of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, missing, validate

from illumichat_sms_plugin.channel_options import ADMIN_OPTIONS
from illumichat_sms_plugin.choices import Choice
from illumichat_sms_plugin.option_kinds import Amount, Length, Lines, Number, Option, OwnWords, Switch
from illumichat_sms_plugin.schemas.strict_fields import StrictBoolean, StrictInteger, StrictString

MAX_TEXT = 5000
"""Characters that are read at all; an option's own limit says more, in words."""


def fields_in(options: Mapping[str, Option] = ADMIN_OPTIONS, *, defaults: bool = False) -> dict[str, Any]:
    """The fields that take ``options``; with ``defaults`` one that is left out gets its default."""
    return {
        name: _field_in(option, option.default if defaults else missing) for name, option in options.items()
    }


def fields_out(options: Mapping[str, Option] = ADMIN_OPTIONS) -> dict[str, Any]:
    """The fields that give ``options``."""
    return {name: _field_out(option) for name, option in options.items()}


def _field_in(option: Option, default: Any) -> fields.Field[Any]:
    said: dict[str, Any] = {"load_default": default, "metadata": {"description": option.help}}
    match option:
        case Switch():
            return StrictBoolean(**said)
        case Length(low=low, high=high) | Number(low=low, high=high):
            return StrictInteger(validate=validate.Range(low, high), **said)
        case Choice(labels=labels):
            return StrictString(validate=validate.OneOf(list(labels)), **said)
        case OwnWords() | Amount():
            return StrictString(validate=validate.Length(max=MAX_TEXT), allow_none=True, **said)
        case Lines(most=most):
            word = StrictString(validate=validate.Length(max=MAX_TEXT))
            return fields.List(word, validate=validate.Length(max=most), **said)
    raise TypeError(f"no field is known for {option!r}")


def _field_out(option: Option) -> fields.Field[Any]:
    match option:
        case Switch():
            return fields.Boolean(required=True)
        case Length() | Number():
            return fields.Integer(required=True)
        case Choice(labels=labels):
            return fields.String(required=True, validate=validate.OneOf(list(labels)))
        case OwnWords() | Amount():
            return fields.String(required=True, allow_none=True)
        case Lines():
            return fields.List(fields.String(), required=True)
    raise TypeError(f"no field is known for {option!r}")
