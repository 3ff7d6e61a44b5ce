"""The host that the suite breaks: a small Flask app with the plugin in it, made in every process anew.

Chats and contacts are rows of the same database; the assistant is an HTTP server that the suite scripts.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, UniqueConstraint, event, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_conflict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from illumichat_sms_plugin.host import (
    PEOPLE,
    AnswerRequest,
    Assistant,
    AssistantUnavailable,
    Attachment,
    ChatMessage,
    Contact,
    Person,
    Role,
    Workspace,
)
from illumichat_sms_plugin.models import UtcDateTime
from illumichat_sms_plugin.plugin import SmsPlugin
from illumichat_sms_plugin.services.answering import loops
from tests.faults.people import chat_box

WORKSPACE = Workspace("ws_acme", "Acme")
ASSISTANT = "ast_support"


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class HostChat(Base):
    __tablename__ = "host_chats"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]


class HostEntry(Base):
    __tablename__ = "host_entries"
    __table_args__ = (UniqueConstraint("chat_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("host_chats.id", ondelete="CASCADE"))
    key: Mapped[str]
    role: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HostContact(Base):
    __tablename__ = "host_contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]


class Assistants:
    """Asks the scripted assistant what to say."""

    def find(self, assistant_id: str) -> Assistant | None:
        return Assistant(ASSISTANT, "Acme Support", WORKSPACE) if assistant_id == ASSISTANT else None

    def answer(self, request: AnswerRequest) -> str | None:
        """What the users wrote since the last answer goes to the assistant, with the number of this process."""
        questions: list[str] = []
        for entry in Chats().read(request.chat_id, limit=50):
            if entry.role == "assistant":
                questions = []
            elif entry.role == "user":
                questions.append(entry.content)
        call = {"chat": request.chat_id, "pid": os.getpid(), "questions": questions}
        try:
            reply = requests.post(os.environ["FAULTS_ASSISTANT"], json=call, timeout=request.timeout)
            reply.raise_for_status()
        except requests.RequestException as error:
            raise AssistantUnavailable(type(error).__name__) from None
        said = reply.json()
        if said.get("die"):
            os._exit(137)
        answer: str | None = said["answer"]
        return answer


class Chats:
    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        with db.engine.begin() as connection:
            statement = insert_or_conflict(HostChat).values(key=key, title=title)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
            return str(connection.execute(select(HostChat.id).where(HostChat.key == key)).scalar_one())

    def append(self, chat_id: str, message: ChatMessage, attachments: Sequence[Attachment] = ()) -> None:
        """It has no use for files, and cannot stand contact cards."""
        if any(file.content_type == "text/vcard" for file in attachments):
            raise RuntimeError("no contact cards here")
        statement = insert_or_conflict(HostEntry).values(
            chat_id=int(chat_id),
            key=message.key,
            role=message.role,
            content=message.content,
            created_at=message.created_at,
        )
        with db.engine.begin() as connection:
            connection.execute(statement.on_conflict_do_nothing(index_elements=["chat_id", "key"]))

    def read(self, chat_id: str, *, limit: int) -> Sequence[ChatMessage]:
        newest = (
            select(HostEntry)
            .where(HostEntry.chat_id == int(chat_id))
            .order_by(HostEntry.id.desc())
            .limit(limit)
        )
        with db.engine.begin() as connection:
            rows = connection.execute(newest).all()
        return [ChatMessage(row.role, row.content, row.key, row.created_at) for row in reversed(rows)]

    def url(self, chat_id: str) -> str:
        return f"/chats/{chat_id}"


class Contacts:
    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        with db.engine.begin() as connection:
            row = connection.execute(select(HostContact.id).where(HostContact.number == number)).first()
        return Contact(str(row.id), number, number) if row else None

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        with db.engine.begin() as connection:
            row = connection.execute(
                insert(HostContact).values(key=key, number=number).returning(HostContact.id)
            ).one()
        return Contact(str(row.id), number, number)

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return {}

    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        return []

    def url(self, contact_id: str) -> str:
        return f"/contacts/{contact_id}"


class Access:
    def caller(self) -> Person | None:
        return None

    def role(self, person: Person, workspace_id: str) -> Role | None:
        return None

    def sign_in_url(self, next_url: str) -> str:
        return "/"


class Pages:
    layout = "layout.html"

    def add_slot(self, slot: str, render: Any) -> None:
        """The suite looks at no pages."""

    def exempt_from_csrf(self, view: Any) -> None:
        """There is no CSRF protection to be exempt from."""

    def csrf_token(self) -> str:
        return "token"

    def channels_url(self, assistant_id: str) -> str:
        return "/"


class Host:
    contract_version = PEOPLE

    def __init__(self) -> None:
        self.assistants = Assistants()
        self.chats = Chats()
        self.contacts = Contacts()
        self.access = Access()
        self.pages = Pages()


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """What gunicorn, the workers and housekeeping run; all settings come from the environment."""
    _shift_clock()
    if "FAULTS_ROLE" in os.environ:  # not when the tests' own process makes the app, only in one of the stack
        # The suite's phones are machines, and texts that were held up arrive all at once.
        loops.TYPED = math.inf
    app = Flask("faults_host")
    app.config.from_prefixed_env("FAULTS_FLASK")
    app.config.update({name: value for name, value in environ.items() if name.startswith("SMS_")})
    app.config.update(
        SECRET_KEY="faults",
        SQLALCHEMY_DATABASE_URI=environ["FAULTS_DATABASE"],
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 4,
            "max_overflow": 20,
            "pool_timeout": 2,
            "connect_args": {"connect_timeout": 2},
        },
    )
    db.init_app(app)
    with app.app_context():
        _name_connections(environ.get("FAULTS_ROLE", "tool"))
    SmsPlugin().init_app(app, Host())
    app.register_blueprint(chat_box)
    return app


def _shift_clock() -> None:
    """Let this process's clock be wrong by ``FAULTS_CLOCK_SHIFT`` seconds, and run on from there."""
    if shift := float(os.environ.get("FAULTS_CLOCK_SHIFT") or 0):
        import time_machine

        time_machine.travel(time.time() + shift, tick=True).start()


def _name_connections(role: str) -> None:
    @event.listens_for(db.engine, "do_connect")
    def name(dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> None:
        cparams["application_name"] = role
