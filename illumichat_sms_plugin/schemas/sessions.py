"""Sessions, as the JSON API takes and gives them. Their texts are in texts.py."""

from __future__ import annotations

from marshmallow import fields, validate

from illumichat_sms_plugin.local_days import PERIODS
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.one_of import one_of
from illumichat_sms_plugin.schemas.page_query import DEFAULT_LIMIT, MAX_LIMIT
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, QueryDate, QueryInteger, StrictString
from illumichat_sms_plugin.schemas.texts import SuggestionSchema
from illumichat_sms_plugin.services.sessions.session_list import Show
from illumichat_sms_plugin.services.sessions.session_view import SessionState
from illumichat_sms_plugin.services.texters.consent import Action

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
    days = QueryInteger(
        load_default=PERIODS[-1],
        validate=validate.Range(1, PERIODS[-1]),
        metadata={
            "description": "Of failed, unanswered, waiting and billed texts: those of the last so many days."
        },
    )
    day = QueryDate(load_default=None, metadata={"description": "The same of one day of these."})
    code = QueryInteger(
        load_default=None,
        validate=validate.Range(0, 999_999),
        metadata={"description": "Of failed texts: those with this error code; 0 for those without one."},
    )
    reason = StrictString(
        load_default=None,
        validate=one_of(NoReply),
        metadata={"description": "Of unanswered texts: those without an answer for this reason."},
    )
    show = StrictString(
        load_default=Show.ALL.value,
        validate=one_of(Show),
        metadata={
            "description": "decision: those with a text that waits for Resend or Dismiss. failed, unanswered, waiting, billed: those with such a text, see `days`, `day`, `code` and `reason`."
        },
    )


class ContactSchema(CamelSchema):
    """The contact a session is linked to."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    url = fields.String(
        required=True, allow_none=True, metadata={"description": "Where a person sees the contact."}
    )


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
    chat_url = fields.String(
        required=True, allow_none=True, metadata={"description": "Where a person reads the chat."}
    )
    first_at = IsoTime(required=True, data_key="firstTextAt")
    last_at = IsoTime(required=True, data_key="lastTextAt")
    inbound = fields.Integer(required=True)
    outbound = fields.Integer(required=True)
    state = fields.String(
        required=True,
        validate=one_of(SessionState),
    )
    opted_out_at = IsoTime(required=True, allow_none=True)
    blocked_at = IsoTime(required=True, allow_none=True)
    machine_at = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "When the texter was last taken for a machine; null while it gets answers."},
    )
    machine_evidence = fields.String(
        required=True, allow_none=True, metadata={"description": "By what, in words."}
    )
    person_since = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "Since when a person answers; null while the assistant does."},
    )
    person_by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Who took it over, by name; null when nobody has yet."},
    )
    person_why = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the assistant said when it handed off."},
    )
    for_person = fields.Integer(
        required=True,
        data_key="waitingForPerson",
        metadata={"description": "Texts that wait for a person's answer."},
    )
    suggested_at = IsoTime(
        required=True,
        allow_none=True,
        metadata={"description": "Since when a suggested answer waits for a person; null when none does."},
    )


class LeftSchema(CamelSchema):
    """Texts of erased texters that Twilio still has."""

    count = fields.Integer(required=True)
    error_code = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Why Twilio did not delete them yet, if it refused."},
    )
    explanation = fields.String(required=True, allow_none=True)
    action = fields.String(required=True, allow_none=True, metadata={"description": "What to do."})


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
    left_at_twilio = fields.Nested(
        LeftSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null when there is nothing left, and for members."},
    )


class ConsentEventSchema(CamelSchema):
    """An opt-out or opt-in."""

    at = IsoTime(required=True)
    action = fields.String(required=True, validate=one_of(Action))
    evidence = fields.String(
        required=True, allow_none=True, metadata={"description": "What it rests on; null for members."}
    )


class PastChatSchema(CamelSchema):
    """The chat of an earlier conversation of a session."""

    chat_id = fields.String(required=True)
    chat_url = fields.String(required=True)
    ended_at = IsoTime(required=True, metadata={"description": "When the next conversation began."})


class UnsentSchema(CamelSchema):
    """What a person wrote and is no text of the session yet."""

    body = fields.String(required=True, data_key="text")
    by = fields.String(required=True, metadata={"description": "Who wrote it, by name."})
    at = IsoTime(required=True)
    refused = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it was not sent, as a sentence; null while it waits for a worker."},
    )


class SessionDetailSchema(SessionSchema):
    """One session, with its consent, its earlier chats, and what people wrote that was not sent."""

    consent = fields.List(
        fields.Nested(ConsentEventSchema),
        required=True,
        metadata={"description": "The newest opt-outs and opt-ins, oldest first."},
    )
    earlier_chats = fields.List(
        fields.Nested(PastChatSchema),
        required=True,
        metadata={"description": "Chats of conversations that ended after a long silence, newest first."},
    )
    suggestion = fields.Nested(
        SuggestionSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The answer that the assistant suggests; null when none waits."},
    )
    may_not_send = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why a person cannot send a text now, as a sentence; null when one can."},
    )
    unsent = fields.List(
        fields.Nested(UnsentSchema),
        required=True,
        metadata={"description": "Texts of people that wait to be sent, or were refused, the oldest first."},
    )
