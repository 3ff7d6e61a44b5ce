"""What the analytics keep of the messages: counts by hour, added up by day.

Nothing here is a source of truth: delete the rows of a channel and they are counted again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, UtcDateTime


class SmsRollup(Base):
    """How far a channel is counted: every text from ``since`` until before ``until``.

    Whoever counts locks this row first, so that an older count never replaces a newer one.
    """

    __tablename__ = "sms_rollups"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    timezone: Mapped[str] = mapped_column(String(64))
    """Whose midnights the days have; another one in the workspace means counting anew."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class SmsHour(Base):
    """The counts of one UTC hour, or of the part of it that belongs to ``day``.

    Where midnight is not at a full UTC hour (India, Nepal), that hour has a row for each of its days.
    ``counts`` is :class:`illumichat_sms_plugin.services.analytics.tally.Tally` as JSON.
    """

    __tablename__ = "sms_hours"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class SmsDay(Base):
    """The counts of one day of the workspace: the sum of its hours that are counted."""

    __tablename__ = "sms_days"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
