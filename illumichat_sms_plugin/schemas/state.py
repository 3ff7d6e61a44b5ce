"""How a channel stands, for everybody who may look."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.channel import StateReason
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.services.setup.channel_state import StateCode


class StateOut(CamelSchema):
    """What the card on the assistant's Channels page shows."""

    state = fields.String(required=True, validate=one_of(StateCode))
    label = fields.String(required=True, metadata={"description": "The state in a word or two."})
    text = fields.String(required=True, allow_none=True, metadata={"description": "Null for members."})
    reasons = fields.List(
        fields.Nested(StateReason), required=True, metadata={"description": "Empty for members."}
    )
