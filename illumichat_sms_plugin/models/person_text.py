"""What people write to texters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

WAITING = "message_id IS NULL AND refused IS NULL"
"""A person's text that a worker has not dealt with yet."""
FIRST = "is_first"
"""A first text: its key is unique in the channel."""


class SmsPersonText(Base):
    """A text that a person wrote: committed first, then sent by a worker as one message at most, or refused."""

    __tablename__ = "sms_person_texts"
    __table_args__ = (
        UniqueConstraint("session_id", "key"),
        Index(
            "ix_sms_person_texts_waiting",
            "session_id",
            "id",
            postgresql_where=text(WAITING),
            sqlite_where=text(WAITING),
        ),
        Index(
            "uq_sms_person_texts_first",
            "channel_id",
            "key",
            unique=True,
            postgresql_where=text(FIRST),
            sqlite_where=text(FIRST),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    key: Mapped[str] = mapped_column(String(80))
    """The sender's name for it: a second one of the same session with this key is the same text."""
    body: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(String(128))
    by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    media_url: Mapped[str | None] = mapped_column(String(1000))
    """A picture that goes out with it."""
    message_id: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"), unique=True)
    """The message that goes out, or went out, for it."""
    refused: Mapped[str | None] = mapped_column(String(20))
    """Why it did not go out; see refusals.py."""
    is_first: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """A text that the host started, to somebody who agreed to it; nobody has taken the session over by that."""
    announces: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """It says that a person answers from now on, and is no answer itself."""
