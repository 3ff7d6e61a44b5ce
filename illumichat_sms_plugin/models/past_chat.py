"""Chats of a session's earlier conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

TO_CLOSE = "closed_at IS NULL"
"""The host has not been told yet that the chat's conversation has ended."""


class SmsPastChat(Base):
    """A chat of the host that gets no more texts: its conversation ended, and the next text opened another."""

    __tablename__ = "sms_past_chats"
    __table_args__ = (
        Index("ix_sms_past_chats_session_id", "session_id", "id"),
        Index("ix_sms_past_chats_chat_id", "chat_id"),
        Index(
            "ix_sms_past_chats_to_close",
            "id",
            postgresql_where=text(TO_CLOSE),
            sqlite_where=text(TO_CLOSE),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    chat_id: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the host was told, or asked whether it wants to know."""
