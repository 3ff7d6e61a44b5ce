"""What is left to do, and to remember, after a texter was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

LEFT = "gone_at IS NULL"
"""Twilio still has it."""


class SmsErasedText(Base):
    """A text that is gone here and has to be deleted at Twilio.

    Its SID stays when that is done, so that whoever kept a copy of the signed request cannot have it recorded again.
    By then it names nothing any more.
    """

    __tablename__ = "sms_erased_texts"
    __table_args__ = (
        Index(
            "ix_sms_erased_texts_left",
            "channel_id",
            "by_age",
            postgresql_where=text(LEFT),
            sqlite_where=text(LEFT),
        ),
        Index(
            "ix_sms_erased_texts_due",
            "by_age",
            "try_at",
            postgresql_where=text(LEFT),
            sqlite_where=text(LEFT),
        ),
    )

    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"), primary_key=True)
    message_sid: Mapped[str] = mapped_column(String(34), primary_key=True)
    account_sid: Mapped[str] = mapped_column(String(34))
    """The account whose log has it, empty for none; the channel may be connected to another one by now."""
    media: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many attachments it had. Twilio keeps them for ever unless they are deleted before their message."""
    by_age: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Its days were over; what a person asks to erase goes first."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
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


class SmsHostErasure(Base):
    """A chat or contact of an erased texter that the host is asked to erase; gone as soon as it has said what it did."""

    __tablename__ = "sms_host_erasures"
    __table_args__ = (
        Index("ix_sms_host_erasures_due", "try_at"),
        Index("ix_sms_host_erasures_session_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(BigId)
    """The session that was erased."""
    kind: Mapped[str] = mapped_column(String(8))
    """``chat`` or ``contact``."""
    host_id: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
