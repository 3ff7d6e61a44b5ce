"""The contacts of a workspace."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from demo.host import contact_book
from demo.host.access import enter_contact, enter_workspace, signed_in_person
from demo.host.database import db
from demo.host.models import Assistant, Contact, Role, new_id
from demo.host.people_by_text import text_first
from demo.host.views.forms import read_fields

blueprint = Blueprint("contacts", __name__)

PAGE = 50
FIELDS = {"name": 120, "email": 254, "phone": 40}
TEXT_FIELDS = {"assistant": 64, "text": 1600, "agreed_to": 200, "agreed_on": 10, "agreed_how": 200}
TAKEN = "Another contact of this workspace has this number."


@blueprint.get("/workspaces/<workspace_id>/contacts")
def book(workspace_id: str) -> str:
    """All contacts, or those that hold a text."""
    enter_workspace(workspace_id, Role.MEMBER)
    text, page = request.args.get("q", "")[:100], max(1, request.args.get("page", 1, type=int))
    found = contact_book.search(db.session(), workspace_id, text, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render_template(
        "demo_host/contacts.html", contacts=found[:PAGE], more=len(found) > PAGE, page=page, text=text
    )


@blueprint.get("/workspaces/<workspace_id>/contacts/new")
def new(workspace_id: str) -> str:
    """An empty contact."""
    enter_workspace(workspace_id, Role.MEMBER)
    return _page(None, dict.fromkeys(FIELDS, ""), {})


@blueprint.post("/workspaces/<workspace_id>/contacts/new")
def add(workspace_id: str) -> Response | tuple[str, int]:
    """Add a contact."""
    enter_workspace(workspace_id, Role.MEMBER)
    contact_id = new_id("con")
    return _save(Contact(id=contact_id, workspace_id=workspace_id, key=contact_id), is_new=True)


@blueprint.get("/contacts/<contact_id>")
def show(contact_id: str) -> str:
    """One contact."""
    contact = enter_contact(contact_id)
    return _page(contact, {name: getattr(contact, name) for name in FIELDS}, {})


@blueprint.post("/contacts/<contact_id>")
def save(contact_id: str) -> Response | tuple[str, int]:
    """Change or remove a contact."""
    contact = enter_contact(contact_id)
    if "remove" in request.form:
        db.session.delete(contact)
        db.session.commit()
        flash("The contact is removed.")
        return redirect(url_for(".book", workspace_id=contact.workspace_id))
    return _save(contact, is_new=False)


@blueprint.post("/contacts/<contact_id>/text")
def text(contact_id: str) -> Response | tuple[str, int]:
    """Text the contact first, who agreed to it."""
    contact = enter_contact(contact_id, Role.ADMIN)
    person = signed_in_person()
    values, problems = read_fields(TEXT_FIELDS, required=frozenset(TEXT_FIELDS))
    agreed_on = _day(values["agreed_on"], contact.workspace.timezone)
    assistant = db.session.get(Assistant, values["assistant"][:64])
    if agreed_on is None and "agreed_on" not in problems:
        problems["agreed_on"] = "Write a day, such as 2026-11-03."
    if assistant is None or assistant.workspace_id != contact.workspace_id or not contact.phone_e164:
        problems["text"] = "Choose an assistant, and a contact with a number."
    key = request.form.get("key", "")[:64] or new_id("text")
    if not problems and assistant is not None and agreed_on is not None:
        agreed = values["agreed_to"], agreed_on, values["agreed_how"]
        refusal = text_first(
            person, assistant.id, contact.phone_e164 or "", values["text"], agreed=agreed, key=key
        )
        if refusal is None:
            flash("The text is on its way. What comes back, the assistant answers.")
            return redirect(url_for(".show", contact_id=contact.id))
        problems["text"] = refusal
    shown = {name: getattr(contact, name) for name in FIELDS}
    return _page(contact, shown | values, problems), 400


def _day(typed: str, timezone: str) -> datetime | None:
    """The beginning of the day in the workspace's time zone."""
    try:
        return datetime.combine(date.fromisoformat(typed), time(), ZoneInfo(timezone))
    except ValueError:
        return None


def _save(contact: Contact, *, is_new: bool) -> Response | tuple[str, int]:
    values, problems = read_fields(FIELDS, required=frozenset())
    number = contact_book.to_e164(values["phone"]) if values["phone"] else None
    if not any(values.values()):
        problems["name"] = "Give a name, an email address or a phone number."
    if values["phone"] and number is None:
        problems["phone"] = "This is no phone number; write it like +1 555 123 4567."
    if not problems:
        for name, value in values.items():
            setattr(contact, name, value)
        contact.phone_e164 = number
        db.session.add(contact)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            problems["phone"] = TAKEN
    if problems:
        return _page(None if is_new else contact, values, problems), 400
    flash("Saved.")
    return redirect(url_for(".show", contact_id=contact.id))


def _page(contact: Contact | None, values: dict[str, str], problems: dict[str, str]) -> str:
    assistants: list[Assistant] = []
    if contact is not None and contact.phone_e164:
        of_workspace = select(Assistant).where(Assistant.workspace_id == contact.workspace_id)
        assistants = list(db.session.scalars(of_workspace.order_by(Assistant.name)))
    return render_template(
        "demo_host/contact.html",
        contact=contact,
        values=dict.fromkeys(TEXT_FIELDS, "") | values,
        problems=problems,
        assistants=assistants,
        key=new_id("text"),
    )
