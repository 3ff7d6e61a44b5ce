"""Answers of the assistant that a person sends, edits or discards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

WAITING = "outcome IS NULL"
"""Nobody has decided yet."""


class SmsSuggestion(Base):
    """An answer that the assistant suggests. One of a session waits at most; the session's ``suggested_at`` says since when."""

    __tablename__ = "sms_suggestions"
    __table_args__ = (
        Index(
            "uq_sms_suggestions_waiting",
            "session_id",
            unique=True,
            postgresql_where=text(WAITING),
            sqlite_where=text(WAITING),
        ),
        Index(
            "ix_sms_suggestions_old",
            "created_at",
            postgresql_where=text(WAITING),
            sqlite_where=text(WAITING),
        ),
        Index("ix_sms_suggestions_of_session", "session_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    body: Mapped[str] = mapped_column(Text)
    rest: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was cut off of it, for MORE."""
    introduces: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """It begins with the introduction."""
    newest_id: Mapped[int] = mapped_column(BigId)
    """The newest inbound text that it answers."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    outcome: Mapped[str | None] = mapped_column(String(10))
    """``sent``, ``edited`` (and sent), ``discarded`` or ``lapsed``."""
    why: Mapped[str | None] = mapped_column(String(12))
    """Why it lapsed: ``new_text``, ``person`` or ``too_old``."""
    by_id: Mapped[str | None] = mapped_column(String(128))
    by_name: Mapped[str | None] = mapped_column(String(200))
    """Who decided."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_text_id: Mapped[int | None] = mapped_column(ForeignKey("sms_person_texts.id"), unique=True)
    """What goes out, or went out, for it."""
