"""Sessions and their texts, as the JSON API takes and gives them."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.models import Direction
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, QueryInteger, StrictString
from illumichat_sms_plugin.services.sessions.session_view import SessionState

MAX_LIMIT = 100
DEFAULT_LIMIT = 25
MAX_OFFSET = 10_000
PLACE = r"^[0-9]{1,17}-[1-9][0-9]{0,17}$"


class SessionsQuery(CamelSchema):
    """Which sessions."""

    limit = QueryInteger(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    offset = QueryInteger(
        load_default=0,
        validate=validate.Range(0, MAX_OFFSET),
        metadata={"description": "How many to leave out. To read a long list to its end, use `cursor`."},
    )
    cursor = StrictString(
        load_default=None,
        allow_none=False,
        validate=validate.Regexp(PLACE),
        metadata={"description": "`nextCursor` of the page before; `offset` counts from there."},
    )
    q = StrictString(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "A contact's name; for owners and admins also a number in any spelling."},
    )


class TextsQuery(CamelSchema):
    """Which texts."""

    limit = QueryInteger(load_default=DEFAULT_LIMIT, validate=validate.Range(1, MAX_LIMIT))
    cursor = StrictString(
        load_default=None,
        allow_none=False,
        validate=validate.Regexp(r"^[1-9][0-9]{0,17}$"),
        metadata={"description": "`nextCursor` of the page before."},
    )


class ContactSchema(CamelSchema):
    """The contact a session is linked to."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class SessionSchema(CamelSchema):
    """The session of one phone number."""

    id = fields.String(required=True)
    number = fields.String(
        required=True,
        data_key="phoneNumber",
        metadata={"description": "Masked unless the caller is owner or admin."},
    )
    contact = fields.Nested(ContactSchema, required=True, allow_none=True)
    chat_id = fields.String(required=True, allow_none=True)
    first_at = IsoTime(required=True, data_key="firstTextAt")
    last_at = IsoTime(required=True, data_key="lastTextAt")
    inbound = fields.Integer(required=True)
    outbound = fields.Integer(required=True)
    state = fields.String(
        required=True,
        validate=one_of(SessionState),
    )
    opted_out_at = IsoTime(required=True, allow_none=True)


class SessionListSchema(CamelSchema):
    """A page of sessions, the last texted first."""

    data = fields.List(fields.Nested(SessionSchema), required=True)
    total = fields.Integer(
        required=True, metadata={"description": "How many match; a long list is counted to 10000 only."}
    )
    total_is_exact = fields.Boolean(
        required=True,
        metadata={"description": "False where at least `total` match, and perhaps more."},
    )
    limit = fields.Integer(required=True)
    offset = fields.Integer(required=True)
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Where the next page begins, however many texts come in meanwhile."},
    )


class TextEventSchema(CamelSchema):
    """Something that happened to an outbound text."""

    at = IsoTime(required=True)
    label = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)
    error_code = fields.Integer(required=True, allow_none=True)


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


class TextListSchema(CamelSchema):
    """A page of texts, newest first."""

    data = fields.List(fields.Nested(TextSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
