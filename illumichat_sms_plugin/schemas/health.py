"""How the channel's health looks as JSON."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.services.health import Heard, Overall, Reached


class HealthSchema(CamelSchema):
    """What a load balancer reads; the HTTP status says the same."""

    status = fields.String(required=True, validate=one_of(Overall))
    database = fields.String(required=True, validate=one_of(Reached))
    database_pooler = fields.Boolean(
        required=True,
        metadata={"description": "Whether a pooler such as PgBouncer stands before the database."},
    )
    queue = fields.String(required=True, validate=one_of(Reached))
    housekeeping = fields.String(required=True, validate=one_of(Heard))
