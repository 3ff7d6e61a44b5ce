"""The texts of a session, and what is done about them, as the JSON API takes and gives them."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.agreement import MAX_WORDS
from illumichat_sms_plugin.models import Direction
from illumichat_sms_plugin.phone_number import MAX_PASTED
from illumichat_sms_plugin.refusals import LONGEST
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, StrictString, StrictTime
from illumichat_sms_plugin.services.people.send_text import MAX_KEY
from illumichat_sms_plugin.services.sessions.conversation import TextAction
from illumichat_sms_plugin.services.sessions.session_actions import MAX_EVIDENCE, MIN_EVIDENCE
from illumichat_sms_plugin.services.texters.consent import Action
from illumichat_sms_plugin.services.texters.erase_at_host import AtHost
from illumichat_sms_plugin.text.segments import Encoding


class CostlySchema(CamelSchema):
    """A character that GSM-7 does not have."""

    character = fields.String(required=True)
    name = fields.String(
        required=True, metadata={"description": "Such as `U+2019 right single quotation mark`."}
    )
    times = fields.Integer(required=True)


class ExpenseSchema(CamelSchema):
    """How a text travels, and which of its characters make it expensive."""

    encoding = fields.String(required=True, validate=one_of(Encoding))
    characters = fields.Integer(required=True, metadata={"description": "As a person counts them."})
    costly = fields.List(fields.Nested(CostlySchema), required=True)
    more = fields.Integer(
        required=True, metadata={"description": "Further such characters that are not listed."}
    )


class TextEventSchema(CamelSchema):
    """Something that happened to an outbound text."""

    at = IsoTime(required=True)
    label = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)
    error_code = fields.Integer(required=True, allow_none=True)


class FileSchema(CamelSchema):
    """One attachment of a text that came in."""

    id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "GET …/files/ID reads it; null when it cannot be had."},
    )
    name = fields.String(required=True, metadata={"description": "Made up, with the right ending."})
    content_type = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    problem = fields.Function(
        lambda file: file.problem or None,
        required=True,
        metadata={"type": ["string", "null"], "description": "Why it cannot be had."},
    )


class TextSchema(CamelSchema):
    """One text, in or out."""

    id = fields.String(required=True)
    direction = fields.String(required=True, validate=one_of(Direction))
    body = fields.String(required=True)
    created_at = IsoTime(required=True)
    segments = fields.Integer(required=True)
    media = fields.List(fields.String(), required=True, metadata={"description": "Content types."})
    kind = fields.String(required=True, allow_none=True)
    state = fields.Function(
        lambda text: text.words.label,
        required=True,
        metadata={"type": "string", "description": "What happened to it, in words."},
    )
    explanation = fields.Function(
        lambda text: text.words.explanation or None,
        required=True,
        metadata={"type": ["string", "null"]},
    )
    advice = fields.Function(
        lambda text: text.words.action or None,
        required=True,
        metadata={"type": ["string", "null"], "description": "What to do about it."},
    )
    send_state = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, allow_none=True)
    error_code = fields.Integer(required=True, allow_none=True)
    no_reply_reason = fields.String(required=True, allow_none=True)
    wish_rule = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "By which rule it was read as a wish for no more texts, certain or unclear."
        },
    )
    wish_words = fields.String(
        required=True, allow_none=True, metadata={"description": "In which of its words, folded."}
    )
    price = fields.Function(
        lambda text: None if text.price is None else str(text.price),
        required=True,
        metadata={"type": ["string", "null"], "description": "A decimal number in `priceUnit`."},
    )
    price_unit = fields.String(required=True, allow_none=True)
    is_test = fields.Boolean(required=True)
    events = fields.List(fields.Nested(TextEventSchema), required=True)
    expense = fields.Nested(ExpenseSchema, required=True)
    rest = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What an answer lost at Max Message Length."},
    )
    person = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The name of the person who wrote it, or sent it as the assistant suggested it."
        },
    )
    rest_sent = fields.Boolean(
        required=True, metadata={"description": "Whether the rest has gone out since, on MORE."}
    )
    files = fields.List(fields.Nested(FileSchema), required=True)
    picture_url = fields.Function(
        lambda text: text.picture_url or None,
        required=True,
        metadata={"type": ["string", "null"], "description": "The picture that went out with it."},
    )
    actions = fields.List(
        fields.String(validate=one_of(TextAction)),
        required=True,
        metadata={"description": "What an owner or admin may do with it now: each is a POST below the text."},
    )


class TextListSchema(CamelSchema):
    """A page of texts, newest first."""

    data = fields.List(fields.Nested(TextSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ConsentChange(CamelSchema):
    """An opt-out or opt-in by an admin."""

    action = StrictString(required=True, validate=one_of(Action))
    evidence = StrictString(
        required=True,
        validate=validate.Length(max=1000),
        metadata={
            "description": f"How you know, in {MIN_EVIDENCE} to {MAX_EVIDENCE} characters, such as `asked by phone on "
            "3 May`; kept with the caller's name."
        },
    )


class PersonTextBody(CamelSchema):
    """A text that a person writes."""

    text = StrictString(required=True, validate=validate.Length(min=1, max=LONGEST))
    key = StrictString(
        required=True,
        validate=validate.Length(min=1, max=MAX_KEY),
        metadata={"description": "The caller's name for it: the same one sends nothing again."},
    )
    media_url = StrictString(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"description": "A picture at a public https address that goes out with it, by MMS."},
    )


class SuggestionBody(CamelSchema):
    """What is sent of a suggestion."""

    text = StrictString(
        validate=validate.Length(min=1, max=LONGEST),
        metadata={"description": "In place of the suggested words; without it they go out as they are."},
    )


class SuggestionSchema(CamelSchema):
    """An answer that the assistant suggests and that waits for a person."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    at = IsoTime(required=True)
    lapses_at = IsoTime(required=True)


class AgreementBody(CamelSchema):
    """What somebody agreed to who is texted first."""

    what = StrictString(
        required=True,
        validate=validate.Length(min=1, max=MAX_WORDS),
        metadata={"description": "To what, such as `appointment reminders`."},
    )
    at = StrictTime(required=True, metadata={"description": "When, with its offset from UTC."})
    how = StrictString(
        required=True,
        validate=validate.Length(min=1, max=MAX_WORDS),
        metadata={"description": "How, such as `ticked on the booking form`."},
    )


class FirstTextBody(PersonTextBody):
    """A text to somebody who agreed to be texted first."""

    number = StrictString(
        required=True,
        validate=validate.Length(min=1, max=MAX_PASTED),
        metadata={"description": "One phone number in E.164."},
    )
    consent = fields.Nested(AgreementBody, required=True)


class PersonTextSchema(CamelSchema):
    """A text that is kept and goes out once."""

    id = fields.String(required=True)


class ErasedSchema(CamelSchema):
    """What was erased."""

    texts = fields.Integer(required=True, metadata={"description": "How many texts there were."})
    chats = fields.String(
        required=True,
        validate=one_of(AtHost),
        metadata={
            "description": "The chats at the host: `erased`, `kept` by its rules, `waiting` to be asked again, `not_asked` because it cannot be, "
            "or `nothing` there."
        },
    )
    contact = fields.String(
        required=True, validate=one_of(AtHost), metadata={"description": "The contact at the host, likewise."}
    )
