"""What is left to do, and to remember, after a texter was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, UtcDateTime, db_now


class SmsErasedText(Base):
    """A text that is gone here and has to be deleted at Twilio. Forgotten a while after that is done."""

    __tablename__ = "sms_erased_texts"

    message_sid: Mapped[str] = mapped_column(String(34), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"), index=True)
    account_sid: Mapped[str] = mapped_column(String(34))
    """The account whose log has it; the channel may be connected to another one by now."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now(), index=True)
    error_code: Mapped[int | None] = mapped_column(Integer)
    """Twilio's, of the last try."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When Twilio confirmed that it is gone there, too."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())


class SmsSuppression(Base):
    """The opt-out of an erased texter, kept without the number: see services/texters/suppressions.py."""

    __tablename__ = "sms_suppressions"

    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    opted_out_at: Mapped[datetime] = mapped_column(UtcDateTime)
