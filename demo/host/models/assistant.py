"""Assistants and what they know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.columns import Id, UtcDateTime, now
from demo.host.models.workspace import Workspace


class Assistant(Base):
    """An assistant of a workspace; ``instructions`` are its system prompt."""

    __tablename__ = "assistants"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    instructions: Mapped[str] = mapped_column(Text, default="")
    welcome_message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    workspace: Mapped[Workspace] = relationship()
    documents: Mapped[list[KnowledgeDocument]] = relationship(
        back_populates="assistant", order_by="KnowledgeDocument.created_at, KnowledgeDocument.id"
    )


class KnowledgeDocument(Base):
    """One subject that the assistant can answer questions about."""

    __tablename__ = "knowledge_documents"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    assistant_id: Mapped[str] = mapped_column(ForeignKey("assistants.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    assistant: Mapped[Assistant] = relationship(back_populates="documents")
