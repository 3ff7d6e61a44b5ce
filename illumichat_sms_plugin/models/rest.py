"""What answers lost at Max Message Length."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class SmsRest(Base):
    """The rest of one answer that was cut: kept for whoever reads the session, and sent when the texter asks for it."""

    __tablename__ = "sms_rests"
    __table_args__ = (
        Index("ix_sms_rests_of_session", "session_id", "message_id"),
        Index("ix_sms_rests_channel_id_created_at", "channel_id", "created_at"),
    )

    message_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("sms_messages.id"), primary_key=True, autoincrement=False
    )
    """The message that says the part before."""
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    sent_as: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"), index=True)
    """The message that went out with the rest, or as much of it as one message takes."""
