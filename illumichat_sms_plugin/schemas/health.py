"""How the channel's health looks as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.schemas.camel import CamelSchema


class HealthSchema(CamelSchema):
    """What a load balancer reads; the HTTP status says the same."""

    status = fields.String(required=True, validate=validate.OneOf(["ok", "degraded", "down"]))
    database = fields.String(required=True, validate=validate.OneOf(["ok", "unreachable"]))
    queue = fields.String(required=True, validate=validate.OneOf(["ok", "unreachable"]))
    housekeeping = fields.String(required=True, validate=validate.OneOf(["ok", "late", "unknown"]))
