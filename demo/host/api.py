"""The JSON API: camelCase, UTC times with Z, lists as ``{data, total, limit, offset}`` or with a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, abort, request
from sqlalchemy import Select, func, select
from werkzeug.exceptions import BadRequest

from demo.host import chat_history
from demo.host.access import enter_chat, enter_workspace
from demo.host.database import db
from demo.host.models import Assistant, Chat, ChatMessage, Contact, KnowledgeDocument, Role

blueprint = Blueprint("api", __name__, url_prefix="/api/workspaces/<workspace_id>")

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
MAX_NUMBER = 2**31 - 1


class WrongParameter(BadRequest):
    """A query parameter that cannot be used; ``details`` maps its name to a sentence."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name}: {sentence}")
        self.details = {name: sentence}


def init_app(app: Flask) -> None:
    """Add the API to ``app``."""
    app.register_blueprint(blueprint)


@blueprint.get("/assistants")
def assistants(workspace_id: str) -> dict[str, Any]:
    """The assistants of a workspace."""
    enter_workspace(workspace_id)
    documents = dict(
        db.session.execute(
            select(KnowledgeDocument.assistant_id, func.count()).group_by(KnowledgeDocument.assistant_id)
        ).all()
    )
    return _listed(
        select(Assistant)
        .where(Assistant.workspace_id == workspace_id)
        .order_by(Assistant.created_at, Assistant.id),
        lambda found: {
            "id": found.id,
            "name": found.name,
            "instructions": found.instructions,
            "welcomeMessage": found.welcome_message or None,
            "documentCount": documents.get(found.id, 0),
            "createdAt": utc(found.created_at),
        },
    )


@blueprint.get("/conversations")
def conversations(workspace_id: str) -> dict[str, Any]:
    """The chats of a workspace, the latest first; of one assistant with ``assistantId``."""
    enter_workspace(workspace_id, Role.MEMBER)
    chats = (
        select(Chat)
        .join(Chat.assistant)
        .where(Assistant.workspace_id == workspace_id)
        .order_by(Chat.updated_at.desc(), Chat.id)
    )
    if "assistantId" in request.args:
        chats = chats.where(Chat.assistant_id == request.args["assistantId"])
    return _listed(
        chats,
        lambda chat: {
            "id": chat.id,
            "title": chat.title,
            "assistantId": chat.assistant_id,
            "origin": chat.origin,
            "handledBy": chat.handled_by_id,
            "messageCount": chat.message_count,
            "createdAt": utc(chat.created_at),
            "updatedAt": utc(chat.updated_at),
        },
    )


@blueprint.get("/conversations/<chat_id>/messages")
def messages(workspace_id: str, chat_id: str) -> dict[str, Any]:
    """The messages of a chat, oldest first; ``nextCursor`` is null at the end."""
    enter_workspace(workspace_id, Role.MEMBER)
    if enter_chat(chat_id).assistant.workspace_id != workspace_id:
        abort(404)
    limit = _number("limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    found = chat_history.messages_after(
        db.session(), chat_id, _number("cursor", 0, low=0, high=MAX_NUMBER), limit=limit + 1
    )
    page = found[:limit]
    return {
        "data": [_message(message) for message in page],
        "limit": limit,
        "nextCursor": str(page[-1].sequence) if len(found) > limit else None,
    }


@blueprint.get("/contacts")
def contacts(workspace_id: str) -> dict[str, Any]:
    """The contacts of a workspace."""
    enter_workspace(workspace_id, Role.MEMBER)
    return _listed(
        select(Contact).where(Contact.workspace_id == workspace_id).order_by(Contact.created_at, Contact.id),
        lambda contact: {
            "id": contact.id,
            "name": contact.name or None,
            "email": contact.email or None,
            "phone": contact.phone_e164 or contact.phone or None,
            "source": contact.source,
            "createdAt": utc(contact.created_at),
        },
    )


def utc(time: datetime) -> str:
    """ISO 8601 with milliseconds and Z."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(message: ChatMessage) -> dict[str, Any]:
    return {
        "id": f"msg_{message.id}",
        "role": message.role,
        "content": message.content,
        "key": message.key,
        "createdAt": utc(message.created_at),
    }


def _listed(things: Select[Any], show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    limit = _number("limit", DEFAULT_LIMIT, low=1, high=MAX_LIMIT)
    offset = _number("offset", 0, low=0, high=MAX_NUMBER)
    page: Sequence[Any] = db.session.scalars(things.limit(limit).offset(offset)).all()
    total = db.session.scalar(select(func.count()).select_from(things.order_by(None).subquery()))
    return {"data": [show(thing) for thing in page], "total": total, "limit": limit, "offset": offset}


def _number(name: str, default: int, *, low: int, high: int) -> int:
    given = request.args.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdecimal() and len(given) <= 10 and low <= int(given) <= high):
        raise WrongParameter(name, f"must be a whole number from {low} to {high}")
    return int(given)
