"""What admins try out on the SMS page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class SmsRehearsal(Base):
    """A conversation that an admin plays through; nothing of it is sent. Each admin has one for a channel at a time."""

    __tablename__ = "sms_rehearsals"
    __table_args__ = (
        UniqueConstraint("channel_id", "person_id"),
        Index("ix_sms_rehearsals_last_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    person_id: Mapped[str] = mapped_column(String(128))
    number: Mapped[str] = mapped_column(String(32))
    """The number that the admin seems to text from (E.164)."""
    chat_id: Mapped[str | None] = mapped_column(String(64))
    """The host's chat for it, which is thrown away with it."""
    filed: Mapped[int] = mapped_column(default=0)
    """How many of the lines the chat has, or does not get."""
    memory: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What a session would know of the texter: see services/rehearsal/lines.py."""
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the assistant is thinking."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
