"""Who changed what in a channel's configuration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class SmsAuditEntry(Base):
    """One change by one person; only ever added, in the transaction of the change itself."""

    __tablename__ = "sms_audit_entries"
    __table_args__ = (Index("ix_sms_audit_entries_channel_id_id", "channel_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    person_id: Mapped[str] = mapped_column(String(128))
    person_name: Mapped[str] = mapped_column(String(200))
    """As it was then; the host may have forgotten the person since."""
    action: Mapped[str] = mapped_column(String(32))
    """``connected``, ``changed``, ``disconnected``, ``webhook_set``, …"""
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """``[{"field", "old", "new"}]``; of a secret only ``{"field"}``."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
