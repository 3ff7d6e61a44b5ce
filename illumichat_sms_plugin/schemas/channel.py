"""The channel's configuration in the API: what goes in, what comes out. Secrets only go in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from illumichat_sms_plugin.models import MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.strict_fields import (
    IsoTime,
    QueryInteger,
    StrictBoolean,
    StrictInteger,
    StrictString,
)

MAX_WORDS = 50
MAX_TEXT = 5000
"""Characters that are read at all; the limit of each field says more, in words."""


def _text(limit: int = MAX_TEXT, *, doc: str = "", **options: Any) -> StrictString:
    return StrictString(validate=validate.Length(max=limit), metadata={"description": doc}, **options)


class ChannelOptions(CamelSchema):
    """What both PUT and PATCH take."""

    auth_token = _text(300, load_only=True, doc="Write-only. Left out, the stored one stays.")
    signing_key = _text(
        300,
        load_only=True,
        allow_none=True,
        doc="Write-only. Twilio's SharedKey for webhooks; null removes it, left out it stays.",
    )
    enabled = StrictBoolean()
    max_message_length = StrictInteger(
        validate=validate.Range(MIN_MESSAGE_LENGTH, MAX_MESSAGE_LENGTH),
        metadata={"description": "Most characters of one reply."},
    )
    contact_matching = StrictBoolean()
    auto_create_contacts = StrictBoolean()
    guidelines = _text(allow_none=True, doc="SMS guidelines for the assistant; null means the default ones.")
    apology = _text(allow_none=True, doc="Sent when the assistant cannot answer; null means the default one.")
    opt_out_words = fields.List(
        _text(100),
        validate=validate.Length(max=MAX_WORDS),
        metadata={"description": "Further opt-out words."},
    )
    version = StrictInteger(
        validate=validate.Range(min=0),
        metadata={
            "description": "The version you have seen, 0 for none. When it is not the current one any more, the answer "
            "is 409 and nothing is saved. Left out, you save over whatever is there, unless somebody saves while "
            "Twilio is asked about a new account, token or number."
        },
    )


class ChannelPatch(ChannelOptions):
    """PATCH: what is left out stays as it is."""

    account_sid = _text(60, doc="AC and 32 characters; another account needs its own Auth Token.")
    phone_number = _text(60, doc="In E.164.")


class ChannelPut(ChannelOptions):
    """PUT: options that are left out get their defaults; secrets that are left out stay."""

    account_sid = _text(60, required=True, doc="AC and 32 characters.")
    phone_number = _text(60, required=True, doc="In E.164.")


class ChannelDelete(CamelSchema):
    """The query of DELETE."""

    version = QueryInteger(
        validate=validate.Range(min=0), metadata={"description": "As in PUT; left out, nothing is compared."}
    )


class StateReason(CamelSchema):
    """Something to attend to."""

    what = fields.String(required=True)
    do = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)


class ChannelOut(CamelSchema):
    """The configuration as it is stored; the same shape, with version 0, when there is none."""

    assistant_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["not_connected", "on", "off", "needs_attention"])
    )
    state_text = fields.String(required=True)
    reasons = fields.List(fields.Nested(StateReason), required=True)
    account_sid = fields.String(required=True, allow_none=True)
    phone_number = fields.String(required=True, allow_none=True)
    has_auth_token = fields.Boolean(required=True)
    has_next_auth_token = fields.Boolean(required=True)
    has_signing_key = fields.Boolean(required=True)
    enabled = fields.Boolean(required=True)
    max_message_length = fields.Integer(required=True)
    contact_matching = fields.Boolean(required=True)
    auto_create_contacts = fields.Boolean(required=True)
    guidelines = fields.String(required=True, allow_none=True)
    apology = fields.String(required=True, allow_none=True)
    opt_out_words = fields.List(fields.String(), required=True)
    webhook_url = fields.String(required=True)
    status_url = fields.String(required=True)
    updated_at = IsoTime(required=True, allow_none=True)


class ChannelSaved(ChannelOut):
    """The configuration after it was saved, and whether Twilio agrees."""

    number_check = fields.String(
        required=True,
        validate=validate.OneOf(["owned", "refused", "no_answer", "not_needed"]),
        metadata={
            "description": "owned: Twilio says that the account owns the number. refused: Twilio refuses the credentials or "
            "the number; it was saved, and reasons says what to do. no_answer: Twilio could not be asked. "
            "not_needed: neither account, token nor number were changed."
        },
    )
