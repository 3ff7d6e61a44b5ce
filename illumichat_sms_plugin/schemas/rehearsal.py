"""A conversation that is tried out, as the JSON API takes and gives it."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.phone_number import MAX_PASTED
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, StrictString
from illumichat_sms_plugin.schemas.texts import ExpenseSchema
from illumichat_sms_plugin.services.rehearsal.lines import Kind
from illumichat_sms_plugin.services.rehearsal.try_out import LONGEST


class RehearsalBody(CamelSchema):
    """A text as a texter would write it."""

    text = StrictString(required=True, validate=validate.Length(min=1, max=LONGEST))
    number = StrictString(
        load_default="",
        validate=validate.Length(max=MAX_PASTED),
        metadata={
            "description": "The number that it seems to come from, in E.164; another one begins anew. Without it, one of the "
            "channel's own country."
        },
    )


class StepSchema(CamelSchema):
    """A text, in or out, or a remark about one, which has a title and a sentence."""

    kind = fields.String(required=True, validate=one_of(Kind))
    at = IsoTime(required=True)
    body = fields.String(required=True)
    title = fields.String(required=True)
    sentence = fields.String(required=True)
    segments = fields.Function(
        lambda step: step.expense.segments if step.expense else None,
        required=True,
        metadata={"type": ["integer", "null"], "description": "Of what would be sent."},
    )
    expense = fields.Nested(ExpenseSchema, required=True, allow_none=True)
    cost = fields.Function(
        lambda step: None if step.cost is None else str(step.cost),
        required=True,
        metadata={"type": ["string", "null"], "description": "A decimal number in `currency`."},
    )
    currency = fields.String(required=True)
    rest = fields.String(
        required=True, metadata={"description": "What was cut off at Max Message Length; MORE sends it."}
    )
    wish_rule = fields.String(required=True)
    wish_words = fields.String(required=True)


class RehearsalSchema(CamelSchema):
    """What the caller has tried out so far."""

    number = fields.String(required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    is_thinking = fields.Boolean(required=True, metadata={"description": "Poll with GET until it is false."})
    is_estimate = fields.Boolean(
        required=True, metadata={"description": "Costs are list prices: none is known to that country yet."}
    )
    silent = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why a phone would get no answer now, whatever it wrote."},
    )
    instructions = fields.String(required=True, metadata={"description": "What the assistant gets."})
