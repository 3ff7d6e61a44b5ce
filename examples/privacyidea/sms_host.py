"""privacyIDEA as a host: the helpdesk of each realm answers by text.

privacyIDEA (https://www.privacyidea.org, AGPL) issues second factors. Its people live in user stores outside of its database (LDAP, SQL,
a file), in realms, which are the workspaces here. Whoever calls sends a token in a header, so the plugin has no pages here, only its API.
It has no chats: they are two tables here. Contacts are the people of a realm, with numbers as somebody typed them, and in a third
table the callers whom no user store knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar

import phonenumbers
from flask import Flask
from privacyidea.api.lib.utils import get_auth_token_from_request, verify_auth_token
from privacyidea.app import create_app as create_privacyidea
from privacyidea.lib.auth import db_admin_exists
from privacyidea.lib.error import AuthError
from privacyidea.lib.user import User, get_user_list
from privacyidea.models import db
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.host import (
    AnswerRequest,
    Assistant,
    ChatGone,
    ChatMessage,
    Contact,
    Person,
    Role,
    Workspace,
)

STAFF, SUPPLIERS = Workspace("staff", "Staff", "Europe/Berlin"), Workspace("suppliers", "Suppliers")
HELPDESKS = {
    "helpdesk-staff": Assistant("helpdesk-staff", "Helpdesk", STAFF),
    "helpdesk-suppliers": Assistant("helpdesk-suppliers", "Helpdesk", SUPPLIERS),
}
ADMIN_REALMS = {"security": Role.ADMIN, "frontdesk": Role.MEMBER}
"""Realms whose people administer all others. An admin of privacyIDEA's own table, without a realm, is an owner."""
COUNTRY = "DE"
"""Where a number without a country code is from."""
USER = "user/"
"""What the id of a contact begins with who is in a user store."""


class HelpdeskChat(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]


class HelpdeskMessage(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(db.ForeignKey(HelpdeskChat.id, ondelete="CASCADE"))
    role: Mapped[str]
    content: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(db.DateTime(timezone=True))


class HelpdeskCaller(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    realm: Mapped[str]
    number: Mapped[str]
    __table_args__ = (UniqueConstraint("realm", "number"),)


def add_once(row: Any) -> None:
    """Add a row unless its key is there."""
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


class Helpdesks:
    def find(self, assistant_id: str) -> Assistant | None:
        return HELPDESKS.get(assistant_id)

    def answer(self, request: AnswerRequest) -> str | None:
        *_, asked = heard(request.chat_id)
        return "Log in and choose **Enroll token**." if "phone" in asked else "Which token is it about?"


class Chats:
    def open(self, *, assistant_id: str, title: str, key: str, contact: Contact | None = None) -> str:
        add_once(HelpdeskChat(key=key, title=contact.name if contact else title))
        return str(db.session.scalar(select(HelpdeskChat.id).filter_by(key=key)))

    def append(self, chat_id: str, message: ChatMessage) -> None:
        if db.session.get(HelpdeskChat, int(chat_id)) is None:
            raise ChatGone(chat_id)
        add_once(
            HelpdeskMessage(
                chat_id=int(chat_id),
                role=message.role,
                content=message.content,
                key=f"{chat_id}/{message.key}",
                created_at=message.created_at,
            )
        )

    def erase(self, chat_id: str) -> None:
        db.session.execute(delete(HelpdeskChat).filter_by(id=int(chat_id)))
        db.session.commit()

    def url(self, chat_id: str) -> str:
        return f"/helpdesk/chats/{chat_id}"


class Contacts:
    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        return next((known for known in everybody(workspace_id) if known.phone_number == number), None)

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        if known := self.find_by_number(workspace_id, number):
            return known
        add_once(HelpdeskCaller(realm=workspace_id, number=number))
        row = db.session.scalars(select(HelpdeskCaller).filter_by(realm=workspace_id, number=number)).one()
        return Contact(str(row.id), number, number)

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return {known.id: known for known in everybody(workspace_id) if known.id in contact_ids}

    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        found = (
            known
            for known in everybody(workspace_id)
            if text.casefold() in f"{known.name} {known.phone_number}".casefold()
        )
        return [known for known, _ in zip(found, range(limit), strict=False)]

    def forget(self, contact_id: str) -> bool | None:
        if contact_id.startswith(USER):
            return False  # whoever is in a user store is more than a texter
        db.session.execute(delete(HelpdeskCaller).filter_by(id=int(contact_id)))
        db.session.commit()
        return None

    def url(self, contact_id: str) -> str:
        return f"/helpdesk/people/{contact_id}"


class Access:
    security_scheme: ClassVar = {"type": "apiKey", "in": "header", "name": "PI-Authorization"}

    def caller(self) -> Person | None:
        try:
            claims = verify_auth_token(get_auth_token_from_request())
        except AuthError:
            return None
        return Person(f"{claims['username']}@{claims['realm']}", claims["username"])

    def role(self, person: Person, workspace_id: str) -> Role | None:
        name, _, realm = person.id.rpartition("@")
        if not realm:
            return Role.OWNER if db_admin_exists(name) else None
        if not User(name, realm).exist():
            return None
        return ADMIN_REALMS.get(realm, Role.GUEST if realm == workspace_id else None)


def everybody(realm: str) -> Iterator[Contact]:
    """The people of a realm who have a number, then its callers."""
    for user in get_user_list({"realm": realm}):
        if number := e164(user.get("mobile") or user.get("phone") or ""):
            name = f"{user['givenname']} {user['surname']}".strip()
            yield Contact(f"{USER}{user['username']}", name, number)
    for row in db.session.scalars(select(HelpdeskCaller).filter_by(realm=realm)):
        yield Contact(str(row.id), row.number, row.number)


def e164(typed: str) -> str | None:
    """A number as somebody typed it into a user store, or None when it is none."""
    try:
        number = phonenumbers.parse(typed, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def heard(chat_id: str, roles: Collection[str] = ("user", "assistant", "person")) -> list[str]:
    """What was said in a chat, without the notes, oldest first."""
    said = select(HelpdeskMessage.content).filter_by(chat_id=int(chat_id))
    return list(db.session.scalars(said.where(HelpdeskMessage.role.in_(roles)).order_by(HelpdeskMessage.id)))


def create_app(**config: Any) -> Flask:
    """PrivacyIDEA with SMS; its own settings are in the file that PRIVACYIDEA_CONFIGFILE names."""
    from importlib.metadata import entry_points

    app: Flask = create_privacyidea("production", silent=True)
    app.config.update(config, SUPERUSER_REALM=list(ADMIN_REALMS))
    host = SimpleNamespace(
        contract_version=9, assistants=Helpdesks(), chats=Chats(), contacts=Contacts(), access=Access()
    )
    for entry in entry_points(group="illumichat.plugins"):
        entry.load()().init_app(app, host)
    return app
