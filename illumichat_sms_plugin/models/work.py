"""What processes tell each other: who works on what, when work was last done, how often something was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, UtcDateTime, db_now


class SmsLease(Base):
    """A named lease for work that only one process at a time should do."""

    __tablename__ = "sms_leases"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SmsHeartbeat(Base):
    """When a periodic piece of work was last done, for the Doctor and the health endpoint."""

    __tablename__ = "sms_heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())


class SmsRateCount(Base):
    """How often something was done in the current period of time, counted for all web processes together."""

    __tablename__ = "sms_rate_counts"

    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    """What is counted and for whom, such as ``test/person/usr_1``."""
    period: Mapped[int] = mapped_column(BigInteger)
    """The number of the period since 1970; a later one starts at 1 again."""
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the period ends, and the row may go; None while version 0.1 counts here, too."""
    count: Mapped[int] = mapped_column(Integer)
