"""The audit in the API: who changed what of a channel, and what people decided about its texts."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.strict_fields import IsoTime


class AuditChange(CamelSchema):
    """One thing that was changed or that the action was about. Without `old`, `new` and `value` it is a secret."""

    field = fields.String(required=True)
    old = fields.Raw()
    new = fields.Raw()
    value = fields.Raw(metadata={"description": "What the action was about, such as the id of a text."})


class AuditEntry(CamelSchema):
    """Who did what, and when."""

    id = fields.String(required=True)
    at = IsoTime(required=True, attribute="created_at")
    person_id = fields.String(required=True)
    person_name = fields.String(required=True)
    action = fields.String(required=True, metadata={"description": "Such as `changed` or `texter_erased`."})
    changes = fields.List(fields.Nested(AuditChange), required=True)


class AuditList(CamelSchema):
    """A page of entries, newest first."""

    data = fields.List(fields.Nested(AuditEntry), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
