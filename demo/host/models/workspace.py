"""Tenants, and who may do what in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.columns import Id, UtcDateTime, now


class Role(StrEnum):
    """What a person may do in a workspace, from most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"

    def reaches(self, least: Role) -> bool:
        """Whether this role may do what ``least`` may."""
        order = list(Role)
        return order.index(self) <= order.index(least)


class Workspace(Base):
    """A tenant. ``timezone`` is an IANA name."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    plan: Mapped[str] = mapped_column(String(20), default="pro")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    memberships: Mapped[list[Membership]] = relationship(back_populates="person")


class Membership(Base):
    """A person's role in a workspace."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('owner', 'admin', 'member', 'guest')", name="known_role"),)

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(10))
    person: Mapped[Person] = relationship(back_populates="memberships")
    workspace: Mapped[Workspace] = relationship()


class ApiKey(Base):
    """A key that acts for its workspace. Only the SHA-256 of it is kept, so it cannot be read back."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
