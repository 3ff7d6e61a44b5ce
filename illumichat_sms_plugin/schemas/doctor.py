"""The Doctor's findings as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.strict_fields import IsoTime

RESULTS = ["ok", "unknown", "warning", "problem"]


class ActionSchema(CamelSchema):
    """Something to press on the page; ``fix`` is a POST there, the others are links."""

    label = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["fix", "page", "external"]))
    url = fields.String(required=True)


class CheckSchema(CamelSchema):
    """One check; ``result`` is null while it is being looked at."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    result = fields.String(required=True, allow_none=True, validate=validate.OneOf([*RESULTS, None]))
    evidence = fields.String(required=True)
    fix = fields.String(required=True)
    action = fields.Nested(ActionSchema, required=True, allow_none=True)


class RunSchema(CamelSchema):
    """One run of all checks."""

    id = fields.String(required=True)
    started_at = IsoTime(required=True)
    finished_at = IsoTime(required=True, allow_none=True)
    running = fields.Boolean(required=True)
    done = fields.Integer(required=True, metadata={"description": "How many checks have a result."})
    worst = fields.String(required=True, allow_none=True, validate=validate.OneOf([*RESULTS, None]))
    checks = fields.List(fields.Nested(CheckSchema), required=True)


class DoctorSchema(CamelSchema):
    """The last run; null when there was none."""

    run = fields.Nested(RunSchema, required=True, allow_none=True)
