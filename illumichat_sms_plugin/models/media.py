"""What texters have attached."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

KEPT = "data IS NOT NULL"


class SmsMedia(Base):
    """One attachment of one inbound text, once Twilio was asked for it."""

    __tablename__ = "sms_media"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        Index("ix_sms_media_session_id", "session_id"),
        Index(
            "ix_sms_media_kept",
            "channel_id",
            "id",
            postgresql_where=text(KEPT),
            sqlite_where=text(KEPT),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("sms_messages.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    """Its place among the message's attachments, from 0."""
    content_type: Mapped[str] = mapped_column(String(100))
    """By its content where there is one, else as Twilio called it."""
    size: Mapped[int] = mapped_column(Integer, default=0)
    """Bytes."""
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    """Pixels, of a picture that says so."""
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem: Mapped[str | None] = mapped_column(String(12))
    """Why there is no content, in one word: see services/media/files.py."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())


KEPT_HERE = SmsMedia.data.is_not(None)
