"""The chat history: list, one chat that follows what happens, and who answers in it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from demo.host import chat_files, chat_history
from demo.host.access import enter_assistant, enter_chat, enter_workspace, signed_in_person
from demo.host.assistant import AssistantFailed
from demo.host.assistant import answer as assistant_answer
from demo.host.database import db, transaction
from demo.host.models import Assistant, Chat, MessageRole, Origin, Role, new_id
from demo.host.people_by_text import decide_on, sms_state, tell_who_answers, text_as

blueprint = Blueprint("chats", __name__)

PAGE = 25
SHOWN = 200
"""How many messages a chat's page shows; older ones are behind a link."""
MAX_MESSAGE = 4000


@blueprint.get("/workspaces/<workspace_id>/chats")
def history(workspace_id: str) -> str:
    """All chats of a workspace, the latest first."""
    enter_workspace(workspace_id, Role.MEMBER)
    page = max(1, request.args.get("page", 1, type=int))
    chosen = request.args.get("assistant", "")
    chats = (
        select(Chat)
        .join(Chat.assistant)
        .where(Assistant.workspace_id == workspace_id)
        .order_by(Chat.updated_at.desc(), Chat.id)
    )
    if chosen:
        chats = chats.where(Chat.assistant_id == chosen)
    found = db.session.scalars(chats.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    assistants = db.session.scalars(
        select(Assistant).where(Assistant.workspace_id == workspace_id).order_by(Assistant.name)
    )
    return render_template(
        "demo_host/chats.html",
        chats=found[:PAGE],
        more=len(found) > PAGE,
        page=page,
        chosen=chosen,
        assistants=assistants.all(),
    )


@blueprint.post("/assistants/<assistant_id>/chats")
def start(assistant_id: str) -> AnyResponse:
    """Open a chat on the web, to try the assistant."""
    assistant = enter_assistant(assistant_id, Role.MEMBER)
    person = signed_in_person()
    with transaction() as session:
        title = f"Web chat with {person.name}"
        chat_id = chat_history.open_chat(
            session, assistant_id=assistant_id, title=title, key=new_id("web"), origin=Origin.WEB
        )
        if assistant.welcome_message:
            chat_history.append_message(
                session,
                chat_id,
                role=MessageRole.ASSISTANT,
                content=assistant.welcome_message,
                key="welcome",
            )
    return redirect(url_for(".show", chat_id=chat_id))


@blueprint.get("/chats/<chat_id>")
def show(chat_id: str) -> str:
    """One chat; a small script asks for what comes in later."""
    chat = enter_chat(chat_id)
    everything = "all" in request.args
    limit = 10_000 if everything else SHOWN
    messages = chat_history.last_messages(db.session(), chat_id, limit=limit, with_files=True)
    return render_template(
        "demo_host/chat.html",
        chat=chat,
        messages=messages,
        earlier=chat.message_count - len(messages),
        key=new_id("msg"),
        sms=sms_state(chat_id) if chat.origin == Origin.CHANNEL else None,
    )


@blueprint.get("/chats/<chat_id>/files/<int:file_id>")
def file(chat_id: str, file_id: int) -> Response:
    """What somebody attached: a stranger's file, so nothing in it may run."""
    enter_chat(chat_id)
    found = chat_files.read(db.session(), chat_id, file_id)
    if found is None:
        abort(404)
    place = "inline" if found.is_picture else "attachment"
    response = Response(found.data, content_type=found.content_type)
    response.headers["Content-Disposition"] = f'{place}; filename="{found.name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.get("/chats/<chat_id>/messages")
def new_messages(chat_id: str) -> Response:
    """What followed the message ``after``, as a piece of the page; 204 when nothing did."""
    chat = enter_chat(chat_id)
    after = request.args.get("after", 0, type=int)
    messages = chat_history.messages_after(db.session(), chat_id, after, limit=SHOWN)
    if not messages:
        return Response(status=204)
    return Response(render_template("demo_host/chat_messages.html", chat=chat, messages=messages))


@blueprint.post("/chats/<chat_id>/messages")
def write(chat_id: str) -> AnyResponse:
    """Speak to the assistant in a web chat; leave a note for colleagues in any other."""
    chat = enter_chat(chat_id)
    person = signed_in_person()
    content = request.form.get("content", "").strip()
    key = request.form.get("key", "")[:64] or new_id("msg")
    if not content or len(content) > MAX_MESSAGE:
        flash(f"Write between 1 and {MAX_MESSAGE} characters.", "problem")
        return redirect(url_for(".show", chat_id=chat_id))
    if chat.origin == Origin.WEB:
        _say(chat_id, content, key)
    elif request.form.get("to") == "texter" and "note" not in request.form:
        if (refusal := text_as(person, chat_id, content, key)) is not None:
            flash(refusal, "problem")
    else:
        with transaction() as session:
            chat_history.append_message(
                session, chat_id, role=MessageRole.NOTE, content=f"{person.name}: {content}", key=key
            )
    return redirect(url_for(".show", chat_id=chat_id))


@blueprint.post("/chats/<chat_id>/suggestion")
def suggestion(chat_id: str) -> AnyResponse:
    """Send what the assistant suggests, or discard it."""
    enter_chat(chat_id)
    suggestion_id, do = request.form.get("suggestion", ""), request.form.get("do")
    if do not in ("send", "discard"):
        abort(400)
    refusal = decide_on(signed_in_person(), chat_id, suggestion_id, send=do == "send")
    flash(refusal or ("The suggestion is on its way." if do == "send" else "The suggestion is discarded."))
    return redirect(url_for(".show", chat_id=chat_id))


@blueprint.post("/chats/<chat_id>/handling")
def handling(chat_id: str) -> AnyResponse:
    """Take the chat over from the assistant, or hand it back."""
    chat = enter_chat(chat_id)
    person = signed_in_person()
    by = request.form.get("by")
    if by not in ("person", "assistant"):
        abort(400)
    chat_history.hand_over(db.session(), chat, person if by == "person" else None, by=person)
    db.session.commit()
    if chat.origin == Origin.CHANNEL:
        tell_who_answers(chat_id, person, by_person=by == "person")
    return redirect(url_for(".show", chat_id=chat_id))


def _say(chat_id: str, content: str, key: str) -> None:
    with transaction() as session:
        if not chat_history.append_message(session, chat_id, role=MessageRole.USER, content=content, key=key):
            return
    db.session.rollback()  # nothing stays open while the assistant thinks
    try:
        said = assistant_answer(chat_id, "", current_app.config["LLM_TIMEOUT"])
    except AssistantFailed as error:
        flash(str(error), "problem")
        return
    if said is not None:
        with transaction() as session:
            chat_history.append_message(
                session, chat_id, role=MessageRole.ASSISTANT, content=said.text, key=f"{key}-answer"
            )
            if said.handoff:
                note = f"The assistant wants a person to go on: {said.handoff}"
                chat_history.append_message(
                    session, chat_id, role=MessageRole.NOTE, content=note, key=f"{key}-handoff"
                )
