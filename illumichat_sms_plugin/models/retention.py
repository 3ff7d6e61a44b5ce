"""How far a channel's old texts are deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class SmsRetention(Base):
    """One channel that does not keep its texts for ever; see services/retention."""

    __tablename__ = "sms_retentions"
    __table_args__ = (Index("ix_sms_retentions_look_at", "look_at"),)

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    look_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    """When housekeeping next looks for old texts, or goes on with them."""
    part: Mapped[str | None] = mapped_column(String(8))
    """What is gone through: ``texts``, ``sessions`` or ``audit``; None when all is done."""
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The time and the id of the last one looked at, so that what may not be deleted yet is passed once a round."""
    last_id: Mapped[int | None] = mapped_column(BigId)
