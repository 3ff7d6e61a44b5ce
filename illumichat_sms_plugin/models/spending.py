"""What a channel has sent in the period that runs, what a segment cost it, and the switch that stops all sending."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, UtcDateTime, db_now


class SmsSpending(Base):
    """One row a channel, counted in the transaction that makes a text ``sending``. Money in millionths.

    Its lock is what keeps many workers from going over a limit together; it is taken after the session's.
    """

    __tablename__ = "sms_spending"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[int] = mapped_column(Integer)
    """Days since 1970, UTC."""
    day_segments: Mapped[int] = mapped_column(Integer)
    day_money: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[int] = mapped_column(Integer)
    """Twelve times the year and the month, UTC."""
    month_money: Mapped[int] = mapped_column(BigInteger)


class SmsRate(Base):
    """What the last text to a country cost a channel by segment, in millionths."""

    __tablename__ = "sms_rates"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    segment: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))


class SmsSwitch(Base):
    """Sending is stopped for all channels of the installation while the row ``all`` is there."""

    __tablename__ = "sms_switches"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
