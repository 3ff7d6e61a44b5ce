"""The contacts of a workspace. Numbers are kept as typed and compared in E.164."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from demo.host.database import insert_or_conflict
from demo.host.models import Contact, new_id, now

DEFAULT_REGION = "US"
"""Where a number without country code is taken to be from."""


def to_e164(typed: str) -> str | None:
    """The number in E.164, or None when it cannot be one.

    "Possible" rather than "valid": numbers kept for fiction and newly opened ranges count, too.
    """
    try:
        number = phonenumbers.parse(typed, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def find_by_number(session: Session, workspace_id: str, number: str) -> Contact | None:
    """The contact with this E.164 number."""
    return session.scalars(
        select(Contact).where(Contact.workspace_id == workspace_id, Contact.phone_e164 == number)
    ).one_or_none()


def create(session: Session, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
    """A contact that has this number: the one made with this key before, or having it already, or a new one."""
    values = {
        "id": new_id("con"),
        "workspace_id": workspace_id,
        "key": key,
        "phone": number,
        "phone_e164": to_e164(number) or number,
        "source": source,
        "name": "",
        "email": "",
        "created_at": now(),
    }
    session.execute(insert_or_conflict(session, Contact).values(values).on_conflict_do_nothing())
    made = select(Contact).where(Contact.workspace_id == workspace_id, Contact.key == key)
    return (
        session.scalars(made).one_or_none()
        or session.scalars(
            select(Contact).where(
                Contact.workspace_id == workspace_id, Contact.phone_e164 == values["phone_e164"]
            )
        ).one()
    )


def forget_made_by(session: Session, contact_id: str, *, source: str) -> bool:
    """Delete a contact that came from ``source``; False when it came from elsewhere and stays."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        return True
    if contact.source != source:
        return False
    session.delete(contact)
    return True


def by_ids(session: Session, workspace_id: str, contact_ids: Collection[str]) -> list[Contact]:
    """Those of the contacts that exist in this workspace."""
    found = select(Contact).where(Contact.workspace_id == workspace_id, Contact.id.in_(contact_ids))
    return list(session.scalars(found))


def search(session: Session, workspace_id: str, text: str, *, limit: int, offset: int = 0) -> list[Contact]:
    """Contacts whose name, address or number holds ``text``; all of them when it is empty."""
    found = (
        select(Contact)
        .where(Contact.workspace_id == workspace_id, *_holds(text))
        .order_by(Contact.name, Contact.id)
        .limit(limit)
        .offset(offset)
    )
    return list(session.scalars(found))


def _holds(text: str) -> list[ColumnElement[bool]]:
    text = text.strip()
    if not text:
        return []
    choices = [
        column.icontains(text, autoescape=True) for column in (Contact.name, Contact.email, Contact.phone)
    ]
    digits = "".join(character for character in text if character.isdecimal())
    if digits and not any(character.isalpha() for character in text):
        choices.append(Contact.phone_e164.contains(digits, autoescape=True))
    return [or_(*choices)]
