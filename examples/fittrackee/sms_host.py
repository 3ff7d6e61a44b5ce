"""FitTrackee as a host: a club's coach answers by text.

FitTrackee (https://github.com/SamR1/FitTrackee, AGPL) has people, roles and a sign-in by JSON Web Token in a cookie; its front end is
made elsewhere, so the plugin's pages bring their own layout. It has neither chats nor contacts: they are three tables here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal

from fittrackee import create_app as create_fittrackee
from fittrackee import db
from fittrackee.users.models import User
from fittrackee.users.roles import UserRole
from flask import Flask, request
from flask_jwt_extended import get_current_user, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError
from sqlalchemy import select
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

CLUB = Workspace("club", "The club", "Europe/Paris")
COACHES = {"coach": Assistant("coach", "Coach", CLUB)}
ROLES = {
    UserRole.OWNER: Role.OWNER,
    UserRole.ADMIN: Role.ADMIN,
    UserRole.MODERATOR: Role.MEMBER,
    UserRole.USER: Role.GUEST,
}


class ClubChat(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]


class ClubMessage(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(db.ForeignKey(ClubChat.id, ondelete="CASCADE"))
    role: Mapped[str]
    content: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(db.DateTime(timezone=True))


class ClubContact(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)


TABLES = (ClubChat, ClubMessage, ClubContact)


def add_once(row: Any) -> None:
    """Add a row unless its key is there."""
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


class Coaches:
    def find(self, assistant_id: str) -> Assistant | None:
        return COACHES.get(assistant_id)

    def answer(self, request: AnswerRequest) -> str | None:
        *_, asked = heard(request.chat_id)
        return "We run on **Tuesdays** at 19:00." if "run" in asked else "Ask me about our runs."


class Chats:
    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        add_once(ClubChat(key=key, title=title))
        return str(db.session.scalar(select(ClubChat.id).filter_by(key=key)))

    def append(self, chat_id: str, message: ChatMessage) -> None:
        if db.session.get(ClubChat, int(chat_id)) is None:
            raise ChatGone(chat_id)
        add_once(
            ClubMessage(
                chat_id=int(chat_id),
                role=message.role,
                content=message.content,
                key=f"{chat_id}/{message.key}",
                created_at=message.created_at,
            )
        )

    def url(self, chat_id: str) -> str:
        return f"/club/chats/{chat_id}"


class Contacts:
    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        found = db.session.scalar(select(ClubContact).filter_by(number=number))
        return as_contact(found) if found else None

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        add_once(ClubContact(name=number, number=number))
        return as_contact(db.session.scalars(select(ClubContact).filter_by(number=number)).one())

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        ids = [int(contact_id) for contact_id in contact_ids]
        found = db.session.scalars(select(ClubContact).where(ClubContact.id.in_(ids)))
        return {str(contact.id): as_contact(contact) for contact in found}

    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        holds = ClubContact.name.icontains(text, autoescape=True)
        return [
            as_contact(found) for found in db.session.scalars(select(ClubContact).where(holds).limit(limit))
        ]

    def url(self, contact_id: str) -> str:
        return f"/club/people/{contact_id}"


class Access:
    def caller(self) -> Person | None:
        try:
            verify_jwt_in_request(optional=True)
        except (JWTExtendedException, PyJWTError):
            return None
        user = get_current_user()
        return Person(str(user.id), user.username) if user else None

    def role(self, person: Person, workspace_id: str) -> Role | None:
        user = db.session.get(User, int(person.id))
        return ROLES[UserRole(user.role)] if user and workspace_id == CLUB.id else None

    def sign_in_url(self, next_url: str) -> str:
        return "/login"


class Pages:
    """No layout and no slots: the front end is made elsewhere. Tokens are checked with the sign-in."""

    def exempt_from_csrf(self, view: Callable[..., Any]) -> None:
        """The two webhooks ask for no sign-in, and so for no token."""

    def csrf_token(self) -> str:
        return request.cookies.get("csrf_access_token", "")


def as_contact(row: ClubContact) -> Contact:
    return Contact(str(row.id), row.name, row.number)


def heard(
    chat_id: str, roles: Collection[Literal["user", "assistant", "note"]] = ("user", "assistant")
) -> list[str]:
    """What was said in a chat, without the notes, oldest first."""
    said = select(ClubMessage.content).where(ClubMessage.chat_id == int(chat_id), ClubMessage.role.in_(roles))
    return list(db.session.scalars(said.order_by(ClubMessage.id)))


def create_app(**config: Any) -> Flask:
    """FitTrackee with SMS."""
    from importlib.metadata import entry_points

    app: Flask = create_fittrackee(init_email=False)
    # FitTrackee replaces cookies that end within half an hour, and the token on a page with them: they live for a day here.
    app.config.update(config, JWT_CSRF_CHECK_FORM=True, JWT_ACCESS_TOKEN_EXPIRES=timedelta(days=1))
    host = SimpleNamespace(
        assistants=Coaches(), chats=Chats(), contacts=Contacts(), access=Access(), pages=Pages()
    )
    for entry in entry_points(group="illumichat.plugins"):
        entry.load()().init_app(app, host)
    return app
