"""Names: ours are snake_case, those of the API camelCase."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields


class CamelSchema(Schema):
    """A schema whose fields are camelCase outside: ``phone_number`` is ``phoneNumber``."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field as the API does."""
        field_obj.data_key = camel(field_obj.data_key or field_name)


def camel(name: str) -> str:
    """``phone_number`` as ``phoneNumber``."""
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)
