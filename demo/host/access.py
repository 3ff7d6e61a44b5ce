"""Who is calling, and what they may do.

A person has a session cookie, a program ``Authorization: Bearer wsk_live_…``. A request with an
Authorization header is judged by that header alone: the cookie of a person whose browser was led
here then counts for nothing, which is why such a request needs no CSRF token.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit

from flask import abort, has_request_context, redirect, request, session
from sqlalchemy import select
from werkzeug.wrappers import Response

from demo.host.addresses import address
from demo.host.database import db
from demo.host.models import ApiKey, Assistant, Chat, Contact, Membership, Person, Role, Workspace

Thing = TypeVar("Thing")

API_KEY = "apikey:"
"""What the id of a caller begins with when it is an API key."""


@dataclass(slots=True)
class Visit:
    """What one request has found out about its caller and where it has been let in."""

    caller: tuple[str, str] | None
    role: Role | None = None
    workspace: Workspace | None = None
    assistant: Assistant | None = None


def visit() -> Visit:
    """The visit of the current request."""
    # Not in flask.g: that is shared by all requests made within one app context, as tests do.
    if "demo_host.visit" not in request.environ:
        request.environ["demo_host.visit"] = Visit(_api_key() if carries_bearer() else _person())
    found: Visit = request.environ["demo_host.visit"]
    return found


def digest(key: str) -> str:
    """How an API key is kept: it is long and random, so a plain hash does."""
    return hashlib.sha256(key.encode()).hexdigest()


def carries_bearer() -> bool:
    """Whether this request is to be judged by its Authorization header."""
    return "Authorization" in request.headers


def caller() -> tuple[str, str] | None:
    """Id and name of the person or API key behind this request, or None for a stranger."""
    return visit().caller if has_request_context() else None


def role_of(caller_id: str, workspace_id: str) -> Role | None:
    """The caller's role in a workspace; a key is an admin of its own and nothing elsewhere."""
    if caller_id.startswith(API_KEY):
        key = db.session.get(ApiKey, caller_id.removeprefix(API_KEY))
        return Role.ADMIN if key is not None and key.workspace_id == workspace_id else None
    membership = db.session.get(Membership, (workspace_id, caller_id))
    return Role(membership.role) if membership is not None else None


def _api_key() -> tuple[str, str] | None:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    if scheme.lower() != "bearer":
        return None
    key = db.session.scalars(select(ApiKey).where(ApiKey.digest == digest(token.strip()))).one_or_none()
    return (f"{API_KEY}{key.id}", key.name) if key is not None else None


def _person() -> tuple[str, str] | None:
    person_id = session.get("person_id")
    person = db.session.get(Person, person_id) if person_id else None
    return (person.id, person.name) if person is not None else None


def enter_workspace(workspace_id: str, least: Role = Role.GUEST) -> Workspace:
    """The workspace, or 401 for a stranger, 404 for somebody of another one, 403 for too low a role."""
    who = caller()
    if who is None:
        abort(401)
    role = role_of(who[0], workspace_id)
    if role is None:
        abort(404)
    if not role.reaches(least):
        abort(403)
    workspace = db.session.get_one(Workspace, workspace_id)
    visit().role, visit().workspace = role, workspace
    return workspace


def may(least: Role) -> bool:
    """Whether the caller's role where this request was let in reaches ``least``."""
    role = visit().role
    return role is not None and role.reaches(least)


def enter_assistant(assistant_id: str, least: Role = Role.GUEST) -> Assistant:
    """The assistant, under the same rules as its workspace."""
    assistant = _known(db.session.get(Assistant, assistant_id))
    enter_workspace(assistant.workspace_id, least)
    visit().assistant = assistant
    return assistant


def enter_chat(chat_id: str, least: Role = Role.MEMBER) -> Chat:
    """The chat, under the same rules as its workspace; guests read no chats."""
    chat = _known(db.session.get(Chat, chat_id))
    enter_workspace(chat.assistant.workspace_id, least)
    return chat


def enter_contact(contact_id: str, least: Role = Role.MEMBER) -> Contact:
    """The contact, under the same rules as its workspace; guests see no contacts."""
    contact = _known(db.session.get(Contact, contact_id))
    enter_workspace(contact.workspace_id, least)
    return contact


def _known(thing: Thing | None) -> Thing:
    if thing is None:
        abort(401 if caller() is None else 404)
    return thing


def signed_in_person() -> Person:
    """The person behind this request; 401 for a stranger, 403 for an API key."""
    who = caller()
    if who is None:
        abort(401)
    person = db.session.get(Person, who[0])
    if person is None:
        abort(403)
    return person


def sign_in_url(next_url: str) -> str:
    """Where a stranger is sent, and then back to ``next_url``."""
    return address(f"/sign-in?next={quote(next_url, safe='')}")


def to_sign_in() -> Response:
    """Send a stranger to the sign-in, and back to this page where that makes sense."""
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(sign_in_url(address(here)))


def safe_next(next_url: str | None) -> str:
    """A path of this site; anything else, which could lead people away, becomes the front page."""
    if not next_url or not next_url.startswith("/") or next_url.startswith("//") or "\\" in next_url:
        return address("/")
    parts = urlsplit(next_url)
    leads_away = parts.scheme or parts.netloc or any(c < " " for c in next_url)
    return address("/") if leads_away else next_url
