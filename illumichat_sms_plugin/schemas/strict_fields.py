"""Fields that take a value for what it is: no ``"yes"`` for true, no ``1.0`` or ``true`` for one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import fields

from illumichat_sms_plugin.secret import Secret

_TEXT = re.compile(r"[^\x00\ud800-\udfff]*")
"""What databases take: no NUL, and no half of a surrogate pair, which JSON can spell."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_TIME = 40
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class StrictBoolean(fields.Boolean):
    """``true`` or ``false`` of JSON, and nothing that could be meant so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class StrictInteger(fields.Integer):
    """A whole number of JSON: no boolean, no string, no 1.0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class QueryInteger(fields.Integer):
    """A whole number in a query string: plain digits, which ``int`` alone would not insist on."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value)
        raise self.make_error("invalid", input=value)


class QueryBoolean(fields.Boolean):
    """``true`` or ``false`` in a query string, and nothing that could be meant so."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return bool(value == "true")


class QueryDate(fields.Date):
    """A day in a query string: ``2026-05-31`` and no other spelling; a form that is not filled in sends nothing."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> date | None:
        if value == "":
            return None
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.make_error("invalid", obj_type="date", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class StrictString(fields.String):
    """A string of JSON without NUL, which databases refuse."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or "\x00" in value or not _is_encodable(value):
            raise self.make_error("invalid")
        return value


class SecretString(StrictString):
    """A secret, wrapped; only taken in. :mod:`illumichat_sms_plugin.blueprints.api.input` has wrapped it already."""

    def __init__(self, **options: Any) -> None:
        super().__init__(load_only=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Secret:  # type: ignore[override]
        if not isinstance(value, Secret) or not value.matches(_TEXT):
            raise self.make_error("invalid")
        return value


class StrictTime(fields.AwareDateTime):
    """A time for input: ISO-8601 in a string, with its offset from UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > MAX_TIME:
            raise self.make_error("invalid", obj_type=self.OBJ_TYPE, input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class IsoTime(fields.DateTime):
    """A time for output: ISO-8601 in UTC with ``Z``, whole milliseconds."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        text = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.removesuffix("+00:00") + "Z"


def _is_encodable(text: str) -> bool:
    """JSON can spell half a surrogate pair, which is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
