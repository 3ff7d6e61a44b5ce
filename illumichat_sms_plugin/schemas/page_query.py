"""Which page of a long list."""

from __future__ import annotations

from marshmallow import validate

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.strict_fields import QueryInteger, StrictString

MAX_LIMIT = 100
DEFAULT_LIMIT = 25


class PageQuery(CamelSchema):
    """How many entries, and from where. The cursor is the id of the last entry before."""

    limit = QueryInteger(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = StrictString(
        load_default=None,
        allow_none=False,
        validate=validate.Regexp(r"^[1-9][0-9]{0,17}$"),
        metadata={"description": "`nextCursor` of the page before."},
    )
