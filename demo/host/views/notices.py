"""The notices of a workspace, and the mails that were written about them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select, update
from werkzeug.wrappers import Response

from demo.host.access import enter_workspace
from demo.host.database import db
from demo.host.models import Mail, Notice, Role, now

blueprint = Blueprint("notices", __name__)

PAGE = 50


@blueprint.get("/workspaces/<workspace_id>/notices")
def bell(workspace_id: str) -> str:
    """All notices, the newest first."""
    enter_workspace(workspace_id, Role.MEMBER)
    return _page("demo_host/notices.html", Notice, workspace_id)


@blueprint.post("/workspaces/<workspace_id>/notices")
def read(workspace_id: str) -> Response:
    """Note that all have been read."""
    enter_workspace(workspace_id, Role.MEMBER)
    unread = update(Notice).where(Notice.workspace_id == workspace_id, Notice.read_at.is_(None))
    db.session.execute(unread.values(read_at=now()))
    db.session.commit()
    flash("All notices are marked as read.")
    return redirect(url_for(".bell", workspace_id=workspace_id))


@blueprint.get("/workspaces/<workspace_id>/outbox")
def outbox(workspace_id: str) -> str:
    """The mails, the newest first. Nothing leaves this machine."""
    enter_workspace(workspace_id, Role.ADMIN)
    return _page("demo_host/outbox.html", Mail, workspace_id)


def _page(template: str, model: type[Notice] | type[Mail], workspace_id: str) -> str:
    page = max(1, request.args.get("page", 1, type=int))
    newest = (
        select(model)
        .where(model.workspace_id == workspace_id)
        .order_by(model.created_at.desc(), model.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = db.session.scalars(newest).all()
    return render_template(template, found=found[:PAGE], more=len(found) > PAGE, page=page)
