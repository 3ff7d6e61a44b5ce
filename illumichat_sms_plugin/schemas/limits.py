"""Limits and pauses in the API."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.strict_fields import IsoTime


class UsedLimitOut(CamelSchema):
    """What is used of a limit in the day or month that runs (UTC), or since Resume."""

    name = fields.String(required=True, metadata={"description": "segments, money_day or money_month."})
    used = fields.Function(
        lambda limit: str(limit.used),
        required=True,
        metadata={"type": "string", "description": "A decimal number; money in the account's currency."},
    )
    limit = fields.Function(
        lambda limit: None if limit.limit is None else str(limit.limit),
        required=True,
        metadata={
            "type": ["string", "null"],
            "description": "What is in force: the admin's within the operator's.",
        },
    )
    close = fields.Boolean(
        required=True, attribute="is_close", metadata={"description": "Whether 80 % are used."}
    )


class PauseOut(CamelSchema):
    """Why nothing is sent."""

    reason = fields.String(
        required=True,
        metadata={
            "description": "person, segments, money_day, money_month, operator, or all for every channel."
        },
    )
    since = IsoTime(required=True)
    until = IsoTime(required=True, allow_none=True, metadata={"description": "When it goes on by itself."})
    by = fields.String(required=True)
    kept_back = fields.Integer(
        required=True, metadata={"description": "Texts that got no answer since, counted up to 10000."}
    )


class LimitsOut(CamelSchema):
    """The limits of a channel."""

    used = fields.List(fields.Nested(UsedLimitOut), required=True)
    pause = fields.Nested(PauseOut, required=True, allow_none=True)
