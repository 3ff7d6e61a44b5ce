"""What the people of a workspace are told, and the mails about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.assistant import Assistant
from demo.host.models.columns import Id, UtcDateTime, now


class Notice(Base):
    """One thing that somebody should look at. ``key`` keeps it single however often it is said."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_notices_workspace_id_created_at", "workspace_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"))
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40))
    sentence: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assistant: Mapped[Assistant] = relationship()


class Mail(Base):
    """A mail as a real host would send it; here it stays in the outbox."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_workspace_id_created_at", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    to: Mapped[str] = mapped_column(Text)
    """Addresses with commas."""
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
