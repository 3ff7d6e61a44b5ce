"""The consent ledger of a channel: who agreed to be texted first, opted out or in, when, and how. An admin can export it as evidence.

It does not list erased texters, because we keep no number of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Row, and_, select

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.local_days import start_of_day
from illumichat_sms_plugin.models import SmsConsentEvent, SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.texters.consent import AGREED

PAGE = 500
"""Entries read at once. An export holds no more in memory, and keeps no transaction open while it is sent."""
EVIDENCE = {
    "twilio": say("Twilio refused a text to the number: it has opted out there (error 21610)."),
    "text": say("A text from the number."),
}
"""Where there is nothing better to show."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One opt-out, opt-in or agreement."""

    id: int
    phone_number: str = field(repr=False)
    action: str
    """``opt_out``, ``opt_in`` or ``agreed``."""
    at: datetime
    source: str
    """``text``, ``twilio``, ``admin`` or ``host``."""
    by: str
    """The text's MessageSid, or the name of the admin or of who started a text."""
    evidence: str = field(repr=False)
    """The text's words, or how the admin knows."""


@dataclass(frozen=True, slots=True)
class Days:
    """From the beginning of one day to the end of another; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def between(cls, first: date | None, last: date | None, zone: tzinfo) -> Days:
        """From ``first`` to ``last`` in ``zone``, both included; raises InvalidInput for days at the end of the calendar."""
        if first is not None and last is not None and first > last:
            raise InvalidInput("The first day is after the last one.", {"from": "Choose an earlier day."})
        try:
            return cls(
                None if first is None else start_of_day(first, zone),
                None if last is None else start_of_day(last + timedelta(days=1), zone),
            )
        except OverflowError:
            raise InvalidInput("There are no texts that old or that new.") from None


def read_page(channel_id: int, days: Days, *, after: int = 0, limit: int = PAGE) -> Sequence[Entry]:
    """The entries after the one with the id ``after``, oldest first."""
    event = SmsConsentEvent
    wanted = [SmsSession.channel_id == channel_id, event.id > after]
    if days.since is not None:
        wanted.append(event.created_at >= days.since)
    if days.until is not None:
        wanted.append(event.created_at < days.until)
    its_text = and_(
        event.source == "text",
        SmsMessage.channel_id == SmsSession.channel_id,
        SmsMessage.message_sid == event.detail,
    )
    columns = (event.id, event.action, event.source, event.detail, event.created_at)
    agreed = event.agreed_to, event.agreed_at, event.agreed_how
    statement = (
        select(*columns, *agreed, SmsSession.phone_number, SmsMessage.body)
        .join(SmsSession, SmsSession.id == event.session_id)
        .outerjoin(SmsMessage, its_text)
        .where(*wanted)
        .order_by(event.id)
        .limit(limit)
    )
    with transaction() as connection:
        rows: Sequence[Any] = connection.execute(statement).all()
    return [_entry(row) for row in rows]


def read_all(channel_id: int, days: Days) -> Iterator[Entry]:
    """Every entry. A page is read when the one before it has been sent."""
    after = 0
    while page := read_page(channel_id, days, after=after):
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def agreement_in_words(row: Row[Any]) -> str:
    """What a person agreed to, when and how."""
    return f"{row.agreed_to}; {row.agreed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC; {row.agreed_how}"


def _entry(row: Row[Any]) -> Entry:
    by, evidence = row.detail, row.body or EVIDENCE.get(row.source, "")
    if row.source == "admin":
        by, _, evidence = row.detail.partition(": ")
    if row.action == AGREED:
        evidence = agreement_in_words(row)
    return Entry(row.id, row.phone_number, row.action, row.created_at, row.source, by, evidence)
