"""Further numbers: those that texts for a channel came to besides its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

OURS = "confirmed_at IS NOT NULL"
"""Twilio has said that the channel's account owns it."""


class SmsFurtherNumber(Base):
    """A sender of a Messaging Service, or another number whose texts come to the channel's webhook.

    Texts to it wait until Twilio has said whose it is; one channel has it then.
    """

    __tablename__ = "sms_further_numbers"
    __table_args__ = (
        UniqueConstraint("channel_id", "phone_number"),
        Index(
            "uq_sms_further_numbers_confirmed",
            "phone_number",
            unique=True,
            postgresql_where=text(OURS),
            sqlite_where=text(OURS),
        ),
        Index(
            "ix_sms_further_numbers_look_at",
            "look_at",
            postgresql_where=text("look_at IS NOT NULL"),
            sqlite_where=text("look_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    phone_number: Mapped[str] = mapped_column(String(64))
    """E.164, or a short code; what Twilio named in ``To``."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """An admin's switch: whether texts to it are answered."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    denied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When Twilio said that the account does not own it."""
    looks: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often in a row Twilio did not answer."""
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=db_now())
    """When Twilio is asked next; None once it has answered."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
