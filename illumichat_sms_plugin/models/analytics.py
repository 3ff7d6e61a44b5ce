"""What the analytics keep of messages and sessions: counts by hour, the messages' added up by day.

Nothing here is a source of truth: delete the rows of a channel and they are counted again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime


class SmsRollup(Base):
    """How far a channel is counted: every text from ``since`` until before ``until``.

    A process that counts locks this row first, so that an older count never replaces a newer one.
    """

    __tablename__ = "sms_rollups"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    timezone: Mapped[str] = mapped_column(String(64))
    """The time zone of the days; when the workspace has another one, everything is counted again."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    sessions_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Every session whose last text came before this is counted; a full UTC hour. None: not begun."""
    texts_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Texts of before this are gone, for their days are over: what was counted of them stays. A full UTC hour."""


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


class SmsSessionHour(Base):
    """How many sessions had their last text in one UTC hour, when they were counted last."""

    __tablename__ = "sms_session_hours"

    channel_id: Mapped[int] = mapped_column(
        ForeignKey("sms_channels.id"), primary_key=True, autoincrement=False
    )
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    sessions: Mapped[int] = mapped_column(Integer)
    matched: Mapped[int] = mapped_column(Integer)
    """Those of them that are linked to a contact that was there before."""
    created: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Those whose contact was made because they texted."""


class SmsCountedSession(Base):
    """As what a session is in ``sms_session_hours``: it moves to another hour with each counting.

    A table of its own, so that counting never waits for the webhook, which writes the session itself.
    """

    __tablename__ = "sms_counted_sessions"
    __table_args__ = (Index("ix_sms_counted_sessions_channel_id_hour", "channel_id", "hour"),)

    session_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    """No foreign key: each counting would lock every session it counts, and the migration the table they are in."""
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    hour: Mapped[datetime] = mapped_column(UtcDateTime)
    matched: Mapped[bool] = mapped_column(Boolean)
    created: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class SmsChangedHour(Base):
    """An hour (UTC) whose messages changed after it was over, so that its day is counted again."""

    __tablename__ = "sms_changed_hours"

    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    marks: Mapped[int] = mapped_column(Integer, default=1)
    """Counts up, so that a mark set during a recount waits for the recount's transaction."""
