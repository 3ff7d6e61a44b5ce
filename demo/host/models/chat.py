"""The chat history."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.assistant import Assistant
from demo.host.models.columns import Id, UtcDateTime, now
from demo.host.models.workspace import Person

if TYPE_CHECKING:
    from demo.host.models.chat_file import ChatFile

BigId = BigInteger().with_variant(Integer, "sqlite")


class Origin(StrEnum):
    """Where a chat happens."""

    WEB = "web"
    CHANNEL = "channel"


class MessageRole(StrEnum):
    """Who speaks. A person speaks in the assistant's place; a note is for the people who read the chat, and the assistant
    never sees it."""

    USER = "user"
    ASSISTANT = "assistant"
    NOTE = "note"
    PERSON = "person"


class Chat(Base):
    """A conversation with an assistant. ``handled_by_id`` is the person who has taken it over, if any."""

    __tablename__ = "chats"
    __table_args__ = (Index(None, "assistant_id", "updated_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(10))
    handled_by_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    message_count: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    assistant: Mapped[Assistant] = relationship()
    handled_by: Mapped[Person | None] = relationship()


class ChatMessage(Base):
    """One entry of a chat. ``sequence`` counts from 1 without gaps; ``key`` keeps a repeated append single."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        UniqueConstraint("chat_id", "sequence"),
        UniqueConstraint("chat_id", "key"),
        CheckConstraint("role IN ('user', 'assistant', 'note', 'person')", name="known_role"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(10))
    author: Mapped[str | None] = mapped_column(String(200))
    """The name of the person who speaks."""
    content: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    files: Mapped[list[ChatFile]] = relationship(back_populates="message", order_by="ChatFile.position")
