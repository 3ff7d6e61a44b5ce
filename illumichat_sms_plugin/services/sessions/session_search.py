"""Find sessions by number, in any spelling, or by contact.

However many sessions there are, a search looks at a bounded number of them: what begins or ends like
the query is found in an index, all else among the sessions that were texted last.

A person who may only see masked numbers finds only what they see: the search must not tell them digits that
the page hides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, false, or_, select, union

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsSession
from illumichat_sms_plugin.phone_number import mask_numbers_in
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

MAX_QUERY = 100
MAX_CONTACTS = 200
"""Contacts looked at for one search."""
MAX_BY_INDEX = 1000
"""Sessions taken for each way in which an index finds them."""
LOOKED_THROUGH = 10_000
"""Sessions, the last texted first, whose whole number is compared."""
MIN_DIGITS = 3
_NUMBER = re.compile(r"[+(0-9][0-9 ().\-/+]*")
FOUND = (
    *(SmsSession.id, SmsSession.last_message_at, SmsSession.opted_out_at, SmsSession.blocked_at),
    *(SmsSession.person_since, SmsSession.suggested_at),
)
"""What is known of a session that was found, without reading it again."""


def search(
    runtime: Runtime, channel_id: int, workspace_id: str, query: str, latest: Select[Any], *, full: bool
) -> Subquery:
    """The sessions of the channel that ``query`` (a normal one, not empty) finds, with the columns ``FOUND``.

    ``latest`` are the sessions, in their order, of which the first are looked through. ``full`` for
    people who see whole numbers.
    """
    contacts = _contact_ids(runtime, workspace_id, query, full=full)
    # "+ 0", because SQLite would rather go through all sessions of the channel than look up contacts.
    ways = [_some(SmsSession.channel_id + 0 == channel_id, _of_contacts(contacts))]
    if full:
        digits = _digits_of(query)
        in_channel = SmsSession.channel_id == channel_id
        ways += [_some(in_channel, condition) for condition in _in_an_index(query, digits)]
        ways.append(_looked_through(latest, query, digits))
    # Each is a query of its own: its bound is for it alone, and none keeps another from its index.
    return union(*(select(way) for way in ways)).subquery("found")


def normal_query(query: str) -> str:
    """The query as it is searched for: NFKC, nothing invisible, single spaces, at most 100 characters."""
    text = unicodedata.normalize("NFKC", clean_text(query))
    seen = "".join(char for char in text if char == "\u200d" or unicodedata.category(char) != "Cf")
    return " ".join(seen.split())[:MAX_QUERY]


def shown_name(contact: Contact, *, full: bool) -> str:
    """A contact's name; a number in place of a name is masked like every other."""
    name = contact.name.strip() or say("Contact without a name")
    if full:
        return name
    return mask_numbers_in(unicodedata.normalize("NFKC", name))


def _digits_of(query: str) -> frozenset[str]:
    """The digits of a number that is long enough to search for, in the spellings it may have in E.164."""
    digits = re.sub(r"[^0-9]", "", query.replace("(0)", ""))
    # National spellings begin with zeros that E.164 does not have; last digits may begin with any.
    spellings = {digits, digits.lstrip("0")} if _NUMBER.fullmatch(query) else set()
    return frozenset(spelling for spelling in spellings if len(spelling) >= MIN_DIGITS)


def _some(*conditions: ColumnElement[bool]) -> Subquery:
    return select(*FOUND).where(*conditions).limit(MAX_BY_INDEX).subquery()


def _of_contacts(contact_ids: Sequence[str]) -> ColumnElement[bool]:
    return SmsSession.contact_id.in_(contact_ids) if contact_ids else false()


def _in_an_index(query: str, digits: frozenset[str]) -> list[ColumnElement[bool]]:
    """The query as the beginning of a number or its end; as the name of a sender without a number."""
    if not digits:
        return [SmsSession.phone_number.in_(sorted({query, query.upper()}))]
    beginnings = [
        _begins(SmsSession.phone_number, f"+{spelling}") for spelling in digits if spelling[0] != "0"
    ]
    return [*beginnings, *(_begins(SmsSession.reversed_number, spelling[::-1]) for spelling in digits)]


def _begins(column: Any, beginning: str) -> ColumnElement[bool]:
    """With bounds, because LIKE alone uses no index on PostgreSQL unless the index was made for it."""
    condition: ColumnElement[bool] = column.startswith(beginning, autoescape=True) & (column >= beginning)
    shortened = beginning.rstrip("9")
    if shortened[-1:].isdigit():
        condition &= column < shortened[:-1] + str(int(shortened[-1]) + 1)
    return condition


def _looked_through(latest: Select[Any], query: str, digits: frozenset[str]) -> Subquery:
    numbers = latest.add_columns(SmsSession.phone_number).limit(LOOKED_THROUGH).subquery()
    fits = [numbers.c.phone_number.icontains(query, autoescape=True)]
    fits += [numbers.c.phone_number.contains(spelling, autoescape=True) for spelling in digits]
    return select(*(numbers.c[column.key] for column in FOUND)).where(or_(*fits)).subquery()


def _contact_ids(runtime: Runtime, workspace_id: str, text: str, *, full: bool) -> Sequence[str]:
    contacts = runtime.host.contacts.search(workspace_id, text, limit=MAX_CONTACTS)
    return [
        contact.id
        for contact in contacts
        if full or text.casefold() in shown_name(contact, full=False).casefold()
    ]
