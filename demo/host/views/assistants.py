"""An assistant: overview and settings."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from demo.host.access import enter_assistant, may
from demo.host.database import db
from demo.host.models import Assistant, Chat, KnowledgeDocument, Role, new_id
from demo.host.views.forms import read_fields

blueprint = Blueprint("assistants", __name__, url_prefix="/assistants/<assistant_id>")

RECENT = 6
GENERAL = {"name": 120, "instructions": 8000, "welcome_message": 500}
DOCUMENT = {"title": 200, "text": 20_000}
MAX_DOCUMENTS = 500


@blueprint.get("")
def overview(assistant_id: str) -> str:
    """What the assistant is doing."""
    enter_assistant(assistant_id)
    may_read = may(Role.MEMBER)
    chats = select(Chat).where(Chat.assistant_id == assistant_id)
    return render_template(
        "demo_host/assistant.html",
        chat_count=db.session.scalar(select(func.count()).select_from(chats.subquery())),
        document_count=db.session.scalar(
            select(func.count()).where(KnowledgeDocument.assistant_id == assistant_id)
        ),
        recent=db.session.scalars(chats.order_by(Chat.updated_at.desc(), Chat.id).limit(RECENT)).all()
        if may_read
        else [],
        may_read=may_read,
    )


@blueprint.get("/settings")
def general(assistant_id: str) -> str:
    """Name, instructions and welcome message."""
    assistant = enter_assistant(assistant_id, Role.MEMBER)
    return _general_page({name: getattr(assistant, name) for name in GENERAL}, {})


@blueprint.post("/settings")
def save_general(assistant_id: str) -> Response | tuple[str, int]:
    """Change them."""
    assistant = enter_assistant(assistant_id, Role.ADMIN)
    values, problems = read_fields(GENERAL, required=frozenset({"name"}))
    if problems:
        return _general_page(values, problems), 400
    for name, value in values.items():
        setattr(assistant, name, value)
    db.session.commit()
    flash("Saved.")
    return redirect(url_for(".general", assistant_id=assistant_id))


@blueprint.get("/settings/knowledge")
def knowledge(assistant_id: str) -> str:
    """What the assistant knows."""
    assistant = enter_assistant(assistant_id, Role.MEMBER)
    return render_template("demo_host/knowledge.html", documents=assistant.documents)


@blueprint.get("/settings/knowledge/new")
def new_document(assistant_id: str) -> str:
    """An empty document."""
    enter_assistant(assistant_id, Role.ADMIN)
    return _document_page(None, dict.fromkeys(DOCUMENT, ""), {})


@blueprint.post("/settings/knowledge/new")
def add_document(assistant_id: str) -> Response | tuple[str, int]:
    """Add a document; the next answer knows it."""
    assistant = enter_assistant(assistant_id, Role.ADMIN)
    values, problems = read_fields(DOCUMENT, required=frozenset(DOCUMENT))
    if not problems and len(assistant.documents) >= MAX_DOCUMENTS:
        problems["title"] = f"An assistant can have {MAX_DOCUMENTS} documents; remove one first."
    if problems:
        return _document_page(None, values, problems), 400
    db.session.add(KnowledgeDocument(id=new_id("doc"), assistant_id=assistant_id, **values))
    db.session.commit()
    flash("Added. The assistant knows it from now on.")
    return redirect(url_for(".knowledge", assistant_id=assistant_id))


@blueprint.get("/settings/knowledge/<document_id>")
def edit_document(assistant_id: str, document_id: str) -> str:
    """One document."""
    document = _document(enter_assistant(assistant_id, Role.MEMBER), document_id)
    return _document_page(document, {name: getattr(document, name) for name in DOCUMENT}, {})


@blueprint.post("/settings/knowledge/<document_id>")
def save_document(assistant_id: str, document_id: str) -> Response | tuple[str, int]:
    """Change or remove a document."""
    document = _document(enter_assistant(assistant_id, Role.ADMIN), document_id)
    if "remove" in request.form:
        db.session.delete(document)
        db.session.commit()
        flash(f"“{document.title}” is removed.")
        return redirect(url_for(".knowledge", assistant_id=assistant_id))
    values, problems = read_fields(DOCUMENT, required=frozenset(DOCUMENT))
    if problems:
        return _document_page(document, values, problems), 400
    document.title, document.text = values["title"], values["text"]
    db.session.commit()
    flash("Saved.")
    return redirect(url_for(".knowledge", assistant_id=assistant_id))


@blueprint.get("/settings/channels")
def channels(assistant_id: str) -> str:
    """Where people can reach the assistant; plugins bring the cards."""
    enter_assistant(assistant_id, Role.MEMBER)
    return render_template("demo_host/channels.html")


def _document(assistant: Assistant, document_id: str) -> KnowledgeDocument:
    document = db.session.get(KnowledgeDocument, document_id)
    if document is None or document.assistant_id != assistant.id:
        abort(404)
    return document


def _general_page(values: dict[str, str], problems: dict[str, str]) -> str:
    return render_template("demo_host/general.html", values=values, problems=problems)


def _document_page(
    document: KnowledgeDocument | None, values: dict[str, str], problems: dict[str, str]
) -> str:
    return render_template("demo_host/document.html", document=document, values=values, problems=problems)
