"""Webhooks that were refused, counted by reason; never what was in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class SmsRejection(Base):
    """The refusals of one channel, route and reason within one minute.

    A flood of forgeries raises ``count`` and adds no rows.
    """

    __tablename__ = "sms_rejections"
    __table_args__ = (
        UniqueConstraint("channel_id", "route", "reason", "minute"),
        Index("ix_sms_rejections_last_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    route: Mapped[str] = mapped_column(String(8))
    """``inbound`` or ``status``."""
    reason: Mapped[str] = mapped_column(String(24))
    """A name of services/inbound/rejection_diagnosis.py."""
    minute: Mapped[int] = mapped_column(BigInteger)
    """Minutes since 1970 by the clock of the process that refused."""
    count: Mapped[int] = mapped_column(Integer, default=1)
    detail: Mapped[str] = mapped_column(String(300), default="")
    """What was found out, such as the address that Twilio signed."""
    said: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """What made the detail's words, for other languages: languages/kept.py."""
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
