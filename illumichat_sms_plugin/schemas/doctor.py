"""The Doctor's findings as JSON."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime
from illumichat_sms_plugin.services.findings import ActionKind, Level


class ActionSchema(CamelSchema):
    """Something to press: ``fix`` is a POST, the others are links."""

    label = fields.String(required=True)
    kind = fields.String(required=True, validate=one_of(ActionKind))
    target = fields.String(
        required=True, metadata={"description": "The fix's name, the place on the SMS page, or the link."}
    )
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "On the plugin's pages; without them a fix's in the API, and null for a place."
        },
    )


class CheckSchema(CamelSchema):
    """One check; ``result`` is null while it is being looked at."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    result = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(Level, also=[None]),
        metadata={"description": "`unknown` is shown as Not checked."},
    )
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
    worst = fields.String(required=True, allow_none=True, validate=one_of(Level, also=[None]))
    outdated = fields.Boolean(
        required=True, metadata={"description": "Whether the channel was changed after the run began."}
    )
    checks = fields.List(fields.Nested(CheckSchema), required=True)


class DoctorSchema(CamelSchema):
    """The last run; null when there was none."""

    run = fields.Nested(RunSchema, required=True, allow_none=True)


class FixedSchema(CamelSchema):
    """What was fixed."""

    done = fields.String(required=True, metadata={"description": "A sentence for people."})
