"""Find sessions by number, in any spelling, or by contact.

Whoever may see masked numbers only finds what they see: the search must not tell them digits that
the page hides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from sqlalchemy import ColumnElement, false, or_, true

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsSession
from illumichat_sms_plugin.phone_number import mask
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

MAX_QUERY = 100
MAX_CONTACTS = 200
"""Contacts looked at for one search."""
MIN_DIGITS = 3
_NUMBER = re.compile(r"[+(0-9][0-9 ().\-/+]*")
_DIGITS = re.compile(r"\+?(?:[0-9][\s().\-/\u2010-\u2015]*){7,}")


def matching(runtime: Runtime, workspace_id: str, query: str, *, full: bool) -> ColumnElement[bool]:
    """The SQL condition for the sessions that ``query`` finds; all of them when it is empty.

    ``full`` for people who see whole numbers.
    """
    text = normal_query(query)
    if not text:
        return true()
    conditions = [_of_contacts(_contact_ids(runtime, workspace_id, text, full=full))]
    if full:
        conditions += _of_numbers(text)
    return or_(*conditions)


def normal_query(query: str) -> str:
    """The query as it is searched for: NFKC, nothing invisible, single spaces, at most 100 characters."""
    text = unicodedata.normalize("NFKC", clean_text(query))
    seen = "".join(char for char in text if char == "\u200d" or unicodedata.category(char) != "Cf")
    return " ".join(seen.split())[:MAX_QUERY]


def shown_name(contact: Contact, *, full: bool) -> str:
    """A contact's name; a number in place of a name is masked like every other."""
    name = contact.name.strip() or "Contact without a name"
    if full:
        return name
    return _DIGITS.sub(_masked, unicodedata.normalize("NFKC", name)).replace("(•••", "•••")


def _masked(found: re.Match[str]) -> str:
    """A run of digits as a number is masked; what stood behind it stays apart from it."""
    written = found.group()
    return mask("+" + re.sub(r"[^0-9]", "", written)) + written[len(written.rstrip()) :]


def _of_numbers(text: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [SmsSession.phone_number.icontains(text, autoescape=True)]
    # National spellings begin with zeros that E.164 does not have.
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", "")).lstrip("0")
    if _NUMBER.fullmatch(text) and len(digits) >= MIN_DIGITS:
        found.append(SmsSession.phone_number.contains(digits, autoescape=True))
    return found


def _contact_ids(runtime: Runtime, workspace_id: str, text: str, *, full: bool) -> list[str]:
    contacts = runtime.host.contacts.search(workspace_id, text, limit=MAX_CONTACTS)
    return [
        contact.id
        for contact in contacts
        if full or text.casefold() in shown_name(contact, full=False).casefold()
    ]


def _of_contacts(contact_ids: Collection[str]) -> ColumnElement[bool]:
    return SmsSession.contact_id.in_(list(contact_ids)) if contact_ids else false()
