"""The consent ledger in the API."""

from __future__ import annotations

from marshmallow import fields

from illumichat_sms_plugin.schemas.camel import CamelSchema
from illumichat_sms_plugin.schemas.page_query import PageQuery
from illumichat_sms_plugin.schemas.strict_fields import IsoTime, QueryDate


class LedgerDays(CamelSchema):
    """Which days, as days of the workspace's time zone."""

    first = QueryDate(load_default=None, data_key="from", metadata={"description": "The first day."})
    last = QueryDate(load_default=None, data_key="to", metadata={"description": "The last day."})


class LedgerQuery(PageQuery, LedgerDays):
    """Which entries."""


class LedgerEntry(CamelSchema):
    """Who agreed to be texted first, opted out or in, when, and by what."""

    id = fields.String(required=True)
    phone_number = fields.String(required=True)
    action = fields.String(required=True, metadata={"description": "`opt_out`, `opt_in` or `agreed`."})
    at = IsoTime(required=True)
    source = fields.String(
        required=True, metadata={"description": "`text`, `twilio` (error 21610), `admin` or `host`."}
    )
    by = fields.String(
        required=True, metadata={"description": "The text's MessageSid, or the person's name."}
    )
    evidence = fields.String(
        required=True,
        metadata={
            "description": "The text's words, what the admin knows it from, or to what the person agreed."
        },
    )


class LedgerPage(CamelSchema):
    """A page of the ledger, oldest first."""

    data = fields.List(fields.Nested(LedgerEntry), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
