"""Testing credentials and setting the webhook in the API."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, SecretString, StrictInteger, StrictString
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.findings import Level
from illumichat_sms_plugin.services.further_numbers import MOST
from illumichat_sms_plugin.services.setup.try_credentials import Looked
from illumichat_sms_plugin.services.setup.webhook_target import TargetKind


class CredentialsTest(CamelSchema):
    """What to try; nothing of it is saved."""

    account_sid = StrictString(required=True, validate=validate.Length(max=60))
    auth_token = SecretString(
        load_default=lambda: Secret(""),
        validate=validate.Length(max=300),
        metadata={"description": "Left out, the stored one, as long as it is the stored one's account."},
    )
    api_key_sid = StrictString(load_default="", validate=validate.Length(max=60))
    api_key_secret = SecretString(
        load_default=lambda: Secret(""),
        validate=validate.Length(max=300),
        metadata={"description": "Left out, the stored one, as long as it is the stored key's."},
    )
    phone_number = StrictString(load_default="", validate=validate.Length(max=60))


class FindingOut(CamelSchema):
    """One thing that was looked at."""

    check = fields.String(
        required=True,
        validate=one_of(Looked),
        attribute="0",
    )
    level = fields.String(
        required=True,
        validate=one_of(Level),
        attribute="1.level",
        metadata={"description": "`unknown` is shown as Not checked."},
    )
    text = fields.String(required=True, attribute="1.evidence")
    do = fields.String(required=True, attribute="1.fix")


class AccountOut(CamelSchema):
    """The account."""

    name = fields.String(required=True, attribute="friendly_name")
    status = fields.String(required=True)
    type = fields.String(required=True)


class BalanceOut(CamelSchema):
    """What is left, as a decimal in a string."""

    amount = fields.Decimal(required=True, as_string=True)
    currency = fields.String(required=True)


class NumberOut(CamelSchema):
    """A number of the account."""

    phone_number = fields.String(required=True)
    name = fields.String(required=True, attribute="friendly_name")
    sms = fields.Boolean(required=True)


class ReportOut(CamelSchema):
    """What a test found."""

    works = fields.Boolean(required=True)
    findings = fields.List(fields.Nested(FindingOut), required=True)
    account = fields.Nested(AccountOut, required=True, allow_none=True)
    balance = fields.Nested(BalanceOut, required=True, allow_none=True)
    numbers = fields.List(fields.Nested(NumberOut), required=True)
    more_numbers = fields.Boolean(
        required=True, metadata={"description": "Whether the account has more than are listed."}
    )


class NextToken(CamelSchema):
    """The token that comes next."""

    next_auth_token = SecretString(
        required=True,
        validate=validate.Length(max=300),
        metadata={
            "description": "Write-only. The account's secondary token, which Twilio is asked about first."
        },
    )


class TokenSwap(CamelSchema):
    """Making the second token the main one."""

    version = StrictInteger(
        validate=validate.Range(min=0),
        metadata={"description": "The version you have seen; left out, nothing is compared."},
    )


class FurtherReplaces(CamelSchema):
    """What may be replaced at a further number."""

    phone_number = StrictString(required=True, validate=validate.Length(max=64))
    replaces = StrictString(required=True, validate=validate.Length(max=2000))


class WebhookSet(CamelSchema):
    """Setting the webhooks of the channel's own number and of its further ones."""

    replaces = StrictString(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=2000),
        metadata={
            "description": "The foreign address that may be replaced, as GET names it; without it the response is 409."
        },
    )
    further = fields.List(
        fields.Nested(FurtherReplaces),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={
            "description": "The foreign addresses that may be replaced at further numbers; one that is not named is left alone."
        },
    )


class TargetOut(CamelSchema):
    """Where the number's texts go."""

    kind = fields.String(required=True, validate=one_of(TargetKind))
    works = fields.Boolean(required=True)
    url = fields.String(required=True, allow_none=True, metadata={"description": "Without user and query."})
    fallback_url = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Where Twilio turns when the webhook fails; likewise."},
    )
    text = fields.String(required=True, attribute="sentence")
    do = fields.String(required=True)


class NumberWebhookOut(CamelSchema):
    """A further number's webhook as Twilio has it."""

    phone_number = fields.String(required=True, attribute="number.phone_number")
    target = fields.Nested(TargetOut, required=True)
    replaces = fields.String(required=True, allow_none=True)


class WebhookOut(CamelSchema):
    """The webhook as Twilio has it, and as it should be."""

    phone_number = fields.String(required=True, attribute="own.number.phone_number")
    target = fields.Nested(TargetOut, required=True)
    inbound_url = fields.String(required=True, attribute="urls.inbound")
    replaces = fields.String(required=True, allow_none=True)
    further = fields.List(
        fields.Nested(NumberWebhookOut),
        required=True,
        metadata={
            "description": "The further numbers that are answered; they are set together with the own one."
        },
    )
    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Further numbers that Twilio does not show to the account any more."},
    )


class WebhookChange(CamelSchema):
    """How it was and how it is."""

    before = fields.Nested(WebhookOut, required=True)
    after = fields.Nested(WebhookOut, required=True)


class TokenStoryOut(CamelSchema):
    """When a token was entered."""

    entered_at = IsoTime(required=True)
    entered_by = fields.String(required=True)
    main_since = IsoTime(required=True, allow_none=True)


class TokenPairOut(CamelSchema):
    """The main token, which sends, and the second one; null for one that the audit does not tell of."""

    main = fields.Nested(TokenStoryOut, required=True, allow_none=True)
    second = fields.Nested(TokenStoryOut, required=True, allow_none=True)
