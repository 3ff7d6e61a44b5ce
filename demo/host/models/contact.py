"""The people a workspace knows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.columns import Id, UtcDateTime, now
from demo.host.models.workspace import Workspace


class Contact(Base):
    """A contact. ``phone`` is what somebody typed, ``phone_e164`` the same number for comparing."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("workspace_id", "phone_e164"), UniqueConstraint("workspace_id", "key"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    key: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_e164: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(40), default="manual")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    workspace: Mapped[Workspace] = relationship()
