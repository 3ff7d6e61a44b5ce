"""The channel's configuration in the API: what goes in, what comes out. Secrets only go in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.option_fields import fields_in, fields_out
from illumichat_sms_plugin.schemas.strict_fields import (
    IsoTime,
    QueryBoolean,
    QueryInteger,
    SecretString,
    StrictBoolean,
    StrictInteger,
    StrictString,
)
from illumichat_sms_plugin.services.setup.channel_state import StateCode
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.take_out_webhook import Outcome


def _text(limit: int, *, doc: str = "", **options: Any) -> StrictString:
    return StrictString(validate=validate.Length(max=limit), metadata={"description": doc}, **options)


def secret(*, doc: str, **options: Any) -> SecretString:
    """A token or key, at most 300 characters."""
    return SecretString(validate=validate.Length(max=300), metadata={"description": doc}, **options)


class ChannelIn(CamelSchema):
    """What both PUT and PATCH take beside the options."""

    auth_token = secret(
        allow_none=True,
        doc="Write-only. Left out or empty, the stored one stays; null removes it, where an API key and a signing key do its "
        "work.",
    )
    api_key_sid = _text(
        60,
        allow_none=True,
        doc="SK and 32 characters: an API key that calls Twilio in the Auth Token's place. Null removes it, left out it stays.",
    )
    api_key_secret = secret(doc="Write-only. Left out or empty, the stored one stays.")
    signing_key = secret(
        allow_none=True,
        doc="Write-only. Twilio's SharedKey for webhooks, which verifies them in the Auth Token's place; null removes it, "
        "left out it stays.",
    )
    token_verifies = StrictBoolean(
        metadata={
            "description": "Whether the Auth Token verifies webhooks beside a signing key: true lets it for 24 hours from "
            "now. Left out, it stays as it is; without a signing key it says nothing."
        }
    )
    version = StrictInteger(
        validate=validate.Range(min=0),
        metadata={
            "description": "The version you have seen, 0 for none. When it is not the current one any more, the answer "
            "is 409 and nothing is saved. Left out, you save over whatever is there, unless somebody saves while "
            "Twilio is asked about a new account, token or number."
        },
    )


class ChannelPatch(ChannelIn):
    """PATCH: what is left out stays as it is."""

    class Meta:
        """The options."""

        include = fields_in()

    account_sid = _text(60, doc="AC and 32 characters; another account needs its own Auth Token.")
    phone_number = _text(60, doc="In E.164.")


class ChannelPut(ChannelIn):
    """PUT: options that are left out get their defaults; secrets that are left out stay."""

    class Meta:
        """The options."""

        include = fields_in(defaults=True)

    account_sid = _text(60, required=True, doc="AC and 32 characters.")
    phone_number = _text(60, required=True, doc="In E.164.")


class ChannelDelete(CamelSchema):
    """The query of DELETE."""

    version = QueryInteger(
        validate=validate.Range(min=0), metadata={"description": "As in PUT; left out, nothing is compared."}
    )
    take_out_webhook = QueryBoolean(
        load_default=False,
        metadata={
            "description": "Whether our URL is taken out of the channel's numbers at Twilio, wherever it still is. "
            "The channel is disconnected whatever comes of it."
        },
    )


class WebhookTakenOut(CamelSchema):
    """What came of taking the webhook out at Twilio."""

    outcome = fields.String(
        required=True,
        validate=one_of(Outcome),
        metadata={
            "description": "taken_out: it is out everywhere. not_ours: no number pointed here any more. left: the numbers in "
            "left still bring their texts here. no_answer: Twilio could not be asked, or refused."
        },
    )
    taken = fields.List(
        fields.String(), required=True, metadata={"description": "The numbers that were changed."}
    )
    left = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Numbers whose texts still come here; a Messaging Service has its own URL."},
    )


class StateReason(CamelSchema):
    """Something to attend to."""

    what = fields.String(required=True)
    do = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)


class ChannelOut(CamelSchema):
    """The configuration as it is stored; the same shape, with version 0, when there is none."""

    class Meta:
        """The options."""

        include = fields_out()

    assistant_id = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=one_of(StateCode))
    state_text = fields.String(required=True)
    reasons = fields.List(fields.Nested(StateReason), required=True)
    confirmed_at = IsoTime(
        required=True,
        allow_none=True,
        metadata={
            "description": "When Twilio accepted account, token and number; null for a draft, whose texts are refused."
        },
    )
    look_at = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "When Twilio is asked next about a draft or an account that it refuses."},
    )
    account_sid = fields.String(required=True, allow_none=True)
    phone_number = fields.String(required=True, allow_none=True)
    has_auth_token = fields.Boolean(required=True)
    api_key_sid = fields.String(required=True, allow_none=True)
    has_next_auth_token = fields.Boolean(required=True)
    next_auth_token_until = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "When the second Auth Token is dropped: 24 hours after it was replaced."},
    )
    has_signing_key = fields.Boolean(required=True)
    token_verifies = fields.Boolean(required=True)
    token_verifies_until = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the Auth Token verifies webhooks beside the signing key."},
    )
    webhook_url = fields.String(required=True)
    status_url = fields.String(required=True)
    updated_at = IsoTime(required=True, allow_none=True)


class ChannelSaved(ChannelOut):
    """The configuration after it was saved, and whether Twilio agrees."""

    number_check = fields.String(
        required=True,
        validate=one_of(Asked),
        metadata={
            "description": "owned: Twilio says that the account owns the number. refused: Twilio refuses the credentials or "
            "the number; it was saved as a draft, and reasons says what to do. no_answer: Twilio could not be asked; it "
            "is a draft until Twilio answers. "
            "not_needed: neither account, token nor number were changed."
        },
    )
