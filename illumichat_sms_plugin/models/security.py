"""Security events, counted for the metrics; what happened stands in the log."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base


class SmsSecurityCount(Base):
    """How often an event with this reason came within ten minutes, in all processes together."""

    __tablename__ = "sms_security_counts"

    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Ten minutes each since 1970, by the database's clock."""
    event: Mapped[str] = mapped_column(String(32), primary_key=True)
    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
