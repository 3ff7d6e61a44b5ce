"""What somebody at the host should be told about a channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

UNTOLD = "told_at IS NULL AND ended_at IS NULL"
"""A notice that the host has still to be told of."""


class SmsNotice(Base):
    """Something that stands, or stood not long ago; see services/notices. Only a host with ``notices`` has any."""

    __tablename__ = "sms_notices"
    __table_args__ = (
        UniqueConstraint("channel_id", "kind", "subject"),
        Index("ix_sms_notices_untold", "due_at", postgresql_where=text(UNTOLD), sqlite_where=text(UNTOLD)),
        Index("ix_sms_notices_session_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80), default="")
    """Which of its kind: the reason, the limit, the pause or the session."""
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sms_sessions.id"))
    sentence: Mapped[str] = mapped_column(String(500))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    """Since when it stands; with ``id`` it makes the key that the host gets."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    """When the host is told, or told once more after a failure."""
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was seen to stand no more."""
