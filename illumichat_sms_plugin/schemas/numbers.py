"""Further numbers in the API."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, StrictBoolean
from illumichat_sms_plugin.services.further_numbers import Standing


class FurtherNumberOut(CamelSchema):
    """A number besides the channel's own."""

    id = fields.String(required=True)
    phone_number = fields.String(required=True)
    standing = fields.String(
        required=True,
        validate=one_of(Standing),
        metadata={
            "description": "unknown: Twilio has not said yet whose it is, and texts to it wait. ours: they are answered. "
            "off: ours, and turned off. not_ours: Twilio says that the account does not own it."
        },
    )
    enabled = fields.Boolean(required=True)
    confirmed_at = IsoTime(required=True, allow_none=True)


class FurtherNumbers(CamelSchema):
    """All of a channel."""

    numbers = fields.List(fields.Nested(FurtherNumberOut), required=True)


class NumberSwitch(CamelSchema):
    """The switch of a number."""

    enabled = StrictBoolean(required=True)
