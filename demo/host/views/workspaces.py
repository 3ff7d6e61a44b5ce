"""A workspace's home."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from demo.host.access import enter_workspace, may
from demo.host.database import db
from demo.host.models import Assistant, Chat, KnowledgeDocument, Role

blueprint = Blueprint("workspaces", __name__)

RECENT = 5


@blueprint.get("/workspaces/<workspace_id>")
def home(workspace_id: str) -> str:
    """The assistants of the workspace and what happened last."""
    enter_workspace(workspace_id)
    assistants = db.session.scalars(
        select(Assistant)
        .where(Assistant.workspace_id == workspace_id)
        .order_by(Assistant.created_at, Assistant.id)
    ).all()
    may_read = may(Role.MEMBER)
    recent = (
        select(Chat)
        .join(Chat.assistant)
        .where(Assistant.workspace_id == workspace_id)
        .order_by(Chat.updated_at.desc(), Chat.id)
        .limit(RECENT)
    )
    return render_template(
        "demo_host/home.html",
        assistants=assistants,
        chat_counts=_count(Chat.assistant_id),
        document_counts=_count(KnowledgeDocument.assistant_id),
        recent=db.session.scalars(recent).all() if may_read else [],
        may_read=may_read,
    )


def _count(column: InstrumentedAttribute[str]) -> dict[str, int]:
    return dict(db.session.execute(select(column, func.count()).group_by(column)).all())
