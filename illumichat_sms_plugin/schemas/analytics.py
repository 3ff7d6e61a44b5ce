"""Analytics, as the JSON API gives them. Amounts are in units of their currency, times in seconds."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.local_days import DEFAULT_PERIOD, PERIODS
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import QueryInteger
from illumichat_sms_plugin.services.analytics.cost import RateSource


class AnalyticsQuery(CamelSchema):
    """Which period."""

    days = QueryInteger(
        load_default=DEFAULT_PERIOD,
        validate=validate.OneOf(PERIODS, error="Choose 7, 30 or 90 days."),
        metadata={"description": "The last so many days with today, as days of the workspace's time zone."},
    )


class MessagesSchema(CamelSchema):
    """Texts in and out."""

    total = fields.Integer(required=True)
    inbound = fields.Integer(required=True)
    outbound = fields.Integer(required=True)


class AmountSchema(CamelSchema):
    """Money in one currency."""

    amount = fields.Float(required=True)
    currency = fields.String(required=True)


class CostSchema(CamelSchema):
    """What the texts cost, in and out."""

    estimated = fields.Float(
        required=True, metadata={"description": "Twilio's prices where known, an estimate for the rest."}
    )
    actual = fields.Float(
        required=True, allow_none=True, metadata={"description": "The sum of the prices that are known."}
    )
    currency = fields.String(required=True, metadata={"description": "ISO 4217, of both amounts."})
    coverage = fields.Float(
        required=True,
        allow_none=True,
        validate=validate.Range(0, 1),
        metadata={"description": "The share of the segments whose price is known."},
    )
    rate = fields.Float(
        required=True,
        data_key="segmentPrice",
        metadata={"description": "What a segment without a price counts as."},
    )
    rate_source = fields.String(required=True, data_key="segmentPriceFrom", validate=one_of(RateSource))
    others = fields.List(
        fields.Nested(AmountSchema),
        required=True,
        metadata={"description": "Billed in other currencies; in no other figure."},
    )


class SessionsSchema(CamelSchema):
    """Numbers that texted in within the period."""

    total = fields.Integer(required=True)
    active = fields.Integer(required=True)
    contacts_matched = fields.Integer(required=True)
    contacts_created = fields.Integer(required=True)


class DaySchema(CamelSchema):
    """One day of the workspace."""

    date = fields.Date(required=True)
    inbound = fields.Integer(required=True)
    outbound = fields.Integer(required=True)
    segments = fields.Integer(required=True)
    delivered = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class FailureSchema(CamelSchema):
    """Texts that failed with one of Twilio's error codes."""

    code = fields.Integer(required=True, allow_none=True)
    count = fields.Integer(required=True)
    explanation = fields.String(required=True, attribute="explanation.sentence")
    action = fields.String(
        required=True, attribute="explanation.admin_action", metadata={"description": "What to do."}
    )


class UnansweredSchema(CamelSchema):
    """Texts that the assistant did not answer, for one reason."""

    reason = fields.String(required=True)
    count = fields.Integer(required=True)
    explanation = fields.String(required=True, attribute="words.sentence")
    action = fields.String(required=True, attribute="words.advice", metadata={"description": "What to do."})


class WaitSchema(CamelSchema):
    """Median and 95th percentile, right to within 2.5 %."""

    p50 = fields.Float(required=True, allow_none=True)
    p95 = fields.Float(required=True, allow_none=True)


class TimeToAnswerSchema(WaitSchema):
    """From the text to its delivered answer, and the two parts of that way."""

    p50 = fields.Float(required=True, allow_none=True, attribute="whole.p50")
    p95 = fields.Float(required=True, allow_none=True, attribute="whole.p95")
    assistant = fields.Nested(
        WaitSchema, required=True, metadata={"description": "From the text until Twilio was called."}
    )
    twilio = fields.Nested(
        WaitSchema,
        required=True,
        metadata={"description": "From there until Twilio reported the answer as delivered."},
    )
    answered = fields.Integer(required=True, metadata={"description": "Texts that count for the assistant."})
    delivered = fields.Integer(required=True, metadata={"description": "Texts that count for the others."})


class CutAnswersSchema(CamelSchema):
    """Answers that lost something at Max Message Length."""

    count = fields.Integer(required=True)
    asked = fields.Integer(required=True, metadata={"description": "Whose rest went out, on MORE."})


class AnalyticsSchema(CamelSchema):
    """All figures of a period."""

    days = fields.Integer(required=True, validate=validate.OneOf(PERIODS))
    timezone = fields.String(required=True, metadata={"description": "IANA name; whose days the days are."})
    messages = fields.Nested(MessagesSchema, required=True)
    segments_sent = fields.Integer(required=True)
    delivery_rate = fields.Float(
        required=True,
        allow_none=True,
        validate=validate.Range(0, 1),
        metadata={"description": "Delivered of those with a final state; null without any."},
    )
    cost = fields.Nested(CostSchema, required=True)
    sessions = fields.Nested(SessionsSchema, required=True)
    daily = fields.List(fields.Nested(DaySchema), required=True)
    hourly = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(equal=24),
        metadata={"description": "Texts in by the hour of the day in that time zone, from 0 to 23."},
    )
    failures = fields.List(fields.Nested(FailureSchema), required=True)
    no_reply = fields.List(fields.Nested(UnansweredSchema), required=True)
    time_to_answer = fields.Nested(TimeToAnswerSchema, required=True)
    cut_answers = fields.Nested(CutAnswersSchema, required=True)
