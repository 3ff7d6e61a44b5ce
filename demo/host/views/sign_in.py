"""Sign in by choosing a person; this is a demo, so there is no password."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from demo.host import access
from demo.host.database import db
from demo.host.models import Membership, Person

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/")
def front() -> Response:
    """Lead people to their workspace."""
    who = access.caller()
    if who is None:
        return redirect(url_for(".choose"))
    first = db.session.scalars(
        select(Membership.workspace_id)
        .where(Membership.person_id == who[0])
        .order_by(Membership.workspace_id)
    ).first()
    if first is None:
        abort(403)
    return redirect(url_for("workspaces.home", workspace_id=first))


@blueprint.get("/sign-in")
def choose() -> str:
    """Who do you want to be?"""
    people = db.session.scalars(
        select(Person)
        .options(selectinload(Person.memberships).joinedload(Membership.workspace))
        .order_by(Person.id)
    ).all()
    workspaces: dict[str, list[tuple[Person, str]]] = {}
    for person in people:
        for membership in person.memberships:
            workspaces.setdefault(membership.workspace.name, []).append((person, membership.role))
    for members in workspaces.values():
        members.sort(key=lambda member: ("owner", "admin", "member", "guest").index(member[1]))
    return render_template(
        "demo_host/sign_in.html", workspaces=workspaces, next_url=access.safe_next(request.args.get("next"))
    )


@blueprint.post("/sign-in")
def enter() -> Response:
    """Become the chosen person."""
    person = db.session.get(Person, request.form.get("person", ""))
    if person is None:
        abort(400)
    session.clear()
    session["person_id"] = person.id
    return redirect(access.safe_next(request.form.get("next")))


@blueprint.post("/sign-out")
def leave() -> Response:
    """Be nobody again."""
    session.clear()
    return redirect(url_for(".choose"))


@blueprint.get("/healthz")
def healthy() -> str:
    """Whether the host and its database are there."""
    db.session.execute(select(1))
    return "ok\n"
