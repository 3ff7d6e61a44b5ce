"""All that is stored of one texter."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.audit import AuditEntry
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.sessions import ConsentEventSchema, SessionSchema
from illumichat_sms_plugin.schemas.strict_fields import IsoTime
from illumichat_sms_plugin.schemas.texts import TextSchema


class NotSentSchema(CamelSchema):
    """Words for the texter that never went out."""

    at = IsoTime(required=True)
    body = fields.String(required=True)
    rest = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What a suggestion lost at Max Message Length."},
    )
    picture_url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The picture that a person's text was to bring along."},
    )
    suggested = fields.Boolean(
        required=True, metadata={"description": "By the assistant; else a person wrote it."}
    )
    by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The name of who wrote it, or decided on the suggestion."},
    )
    why = fields.String(required=True, metadata={"description": "Why it did not go out, in words."})


class ExportSchema(CamelSchema):
    """One texter: the session, what was agreed and written, and what people did about it."""

    exported_at = IsoTime(required=True)
    session = fields.Nested(SessionSchema, required=True)
    consent = fields.List(fields.Nested(ConsentEventSchema), required=True)
    texts = fields.List(
        fields.Nested(TextSchema),
        required=True,
        metadata={"description": "Oldest first. `files` names what is attached; GET …/files/ID reads each."},
    )
    not_sent = fields.List(
        fields.Nested(NotSentSchema),
        required=True,
        metadata={
            "description": "Suggestions of the assistant and texts of people that never went out, oldest first."
        },
    )
    audit = fields.List(fields.Nested(AuditEntry), required=True, metadata={"description": "Newest first."})
    complete = fields.Boolean(
        required=True, metadata={"description": "False when there are more texts than one export holds."}
    )
