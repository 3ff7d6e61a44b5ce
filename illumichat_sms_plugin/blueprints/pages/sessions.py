"""The pages of sessions: the list, one session, and what an admin does there."""

from __future__ import annotations

import secrets
from typing import Any

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from illumichat_sms_plugin.blueprints.file_response import file_response
from illumichat_sms_plugin.blueprints.guards import Visit, viewer_of, visit_page
from illumichat_sms_plugin.blueprints.ids import our_id
from illumichat_sms_plugin.blueprints.pages.asked_texts import AskedTexts
from illumichat_sms_plugin.blueprints.pages.blueprint import page_blueprint
from illumichat_sms_plugin.blueprints.pages.channel_reading import ChannelReading
from illumichat_sms_plugin.blueprints.pages.done_note import forget_note, leave_note, noted
from illumichat_sms_plugin.blueprints.pages.left_in_words import left_in_words
from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.blueprints.pages.session_notes import DONE, note_of
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.refusals import LONGEST, SENTENCES
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.pictures import SEGMENTS as MMS_SEGMENTS
from illumichat_sms_plugin.services.channels import find_channel_id, load_channel
from illumichat_sms_plugin.services.people.send_text import texts_not_sent, why_not_to
from illumichat_sms_plugin.services.people.suggestions import suggestions_of
from illumichat_sms_plugin.services.retention.how_long import deleted_before
from illumichat_sms_plugin.services.sessions import session_actions
from illumichat_sms_plugin.services.sessions.conversation import consent_events, read_texts
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.sessions.past_chats import past_chats
from illumichat_sms_plugin.services.sessions.session_list import (
    NO_SUCH_SESSION,
    Show,
    find_session,
    list_sessions,
    require_session,
)
from illumichat_sms_plugin.services.sessions.session_search import normal_query
from illumichat_sms_plugin.services.sessions.shown_files import NO_SUCH_FILE, read_content
from illumichat_sms_plugin.services.spending import rate_to
from illumichat_sms_plugin.services.texters.erase_at_host import can_be_asked

PAGE_SIZE = 25
TEXTS_SHOWN = 50

blueprint = page_blueprint("sms_sessions")


@blueprint.get("/sms/<assistant_id>/sessions")
def session_list(assistant_id: str) -> Response:
    """The list, with search and filter."""
    visit = visit_page(assistant_id, manage=False)
    query, show = normal_query(request.args.get("q", "")), _show_of(request.args.get("show"))
    before, after = (Place.parse(request.args.get(name, "")) for name in ("before", "after"))
    channel_id, asked = find_channel_id(assistant_id), AskedTexts.of(request.args)
    texts = asked.as_filter(visit.assistant.workspace)
    found = list_sessions(
        current_runtime(),
        channel_id,
        viewer_of(visit),
        limit=PAGE_SIZE,
        before=before,
        after=after,
        query=query,
        show=show,
        texts=texts,
    )
    page = render(
        "sessions/list.html",
        **_common(visit),
        found=found,
        query=query,
        show=show.value,
        asked=asked,
        texts=texts,
        beyond=before is not None,
        left=left_in_words(visit, channel_id),
        done=DONE.get(noted()),
    )
    return _say_once(page, assistant_id)


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>")
def session_page(assistant_id: str, session_id: str) -> Response:
    """One session."""
    visit = visit_page(assistant_id, manage=False)
    return _say_once(render_session(visit, session_id, done=DONE.get(noted())), assistant_id)


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>/conversation")
def conversation(assistant_id: str, session_id: str) -> str:
    """The part of a session's page that changes by itself."""
    visit = visit_page(assistant_id, manage=False)
    return render("sessions/_conversation.html", **_conversation(visit, session_id))


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>/files/<file_id>")
def attached_file(assistant_id: str, session_id: str, file_id: str) -> Response:
    """What a texter has attached."""
    visit_page(assistant_id, manage=False)
    session = require_session(find_channel_id(assistant_id), our_id(session_id, NO_SUCH_SESSION))
    return file_response(read_content(session, our_id(file_id, NO_SUCH_FILE)))


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/resend")
def resend(assistant_id: str, session_id: str, message_id: str) -> Response:
    """Send an unsettled text again."""
    visit = visit_page(assistant_id, manage=True)
    session, message = _ids(session_id, message_id)
    session_actions.resend(
        current_runtime(), find_channel_id(assistant_id), session, message, by=visit.person
    )
    return back_to_session(visit, session_id, "resent", message_id)


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/dismiss")
def dismiss(assistant_id: str, session_id: str, message_id: str) -> Response:
    """Leave an unsettled text as it is."""
    visit = visit_page(assistant_id, manage=True)
    session_actions.dismiss(find_channel_id(assistant_id), *_ids(session_id, message_id), by=visit.person)
    return back_to_session(visit, session_id, "dismissed", message_id)


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/messages/<message_id>/answer-again")
def answer_again(assistant_id: str, session_id: str, message_id: str) -> Response:
    """Have the assistant try again."""
    visit = visit_page(assistant_id, manage=True)
    session, message = _ids(session_id, message_id)
    session_actions.answer_again(
        current_runtime(), find_channel_id(assistant_id), session, message, by=visit.person
    )
    return back_to_session(visit, session_id, "replayed", message_id)


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/consent")
def consent(assistant_id: str, session_id: str) -> Response:
    """Opt the texter out or in."""
    visit = visit_page(assistant_id, manage=True)
    session = our_id(session_id, NO_SUCH_SESSION)
    action, evidence = request.form.get("action", ""), request.form.get("evidence", "")
    try:
        changed = session_actions.change_consent(
            find_channel_id(assistant_id), session, action, evidence, by=visit.person
        )
    except InvalidInput as error:
        page = render_session(visit, session_id, wrong=str(error), evidence=evidence)
        return make_response(page, 422)
    done = "unchanged" if not changed else "opted_out" if action == "opt_out" else "opted_in"
    return back_to_session(visit, session_id, done)


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/block")
def block(assistant_id: str, session_id: str) -> Response:
    """Leave a number unanswered, or answer it again."""
    visit = visit_page(assistant_id, manage=True)
    session, blocked = our_id(session_id, NO_SUCH_SESSION), request.form.get("blocked") != "no"
    done = session_actions.block(find_channel_id(assistant_id), session, by=visit.person, blocked=blocked)
    return back_to_session(
        visit, session_id, "unchanged" if not done else "blocked" if blocked else "unblocked"
    )


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/wake")
def wake(assistant_id: str, session_id: str) -> Response:
    """Say that a person writes."""
    visit = visit_page(assistant_id, manage=True)
    session = our_id(session_id, NO_SUCH_SESSION)
    woken = session_actions.wake(find_channel_id(assistant_id), session, by=visit.person)
    return back_to_session(visit, session_id, "awake" if woken else "unchanged")


@blueprint.get("/sms/<assistant_id>/sessions/<session_id>/erase")
def ask_to_erase(assistant_id: str, session_id: str) -> str:
    """The question before a texter is erased."""
    visit = visit_page(assistant_id, manage=True)
    session = find_session(
        current_runtime(),
        find_channel_id(assistant_id),
        viewer_of(visit),
        our_id(session_id, NO_SUCH_SESSION),
    )
    connected = load_channel(current_runtime(), assistant_id) is not None
    asks = can_be_asked(current_runtime().host)
    return render("sessions/erase.html", **_common(visit), session=session, connected=connected, **asks)


@blueprint.post("/sms/<assistant_id>/sessions/<session_id>/erase")
def erase(assistant_id: str, session_id: str) -> Response:
    """Erase the texter."""
    visit = visit_page(assistant_id, manage=True)
    erased = session_actions.erase(
        current_runtime(),
        find_channel_id(assistant_id),
        our_id(session_id, NO_SUCH_SESSION),
        by=visit.person,
    )
    listed = redirect(url_for(".session_list", assistant_id=assistant_id), 303)
    return leave_note(listed, assistant_id, note_of(erased.at_host))


def panel_context(reading: ChannelReading) -> dict[str, Any]:
    """For ``sessions/_panel.html``: the sessions that were texted last."""
    shared = {name: value for name, value in _common(reading.visit).items() if name != "visit"}
    return {**shared, "found": reading.newest_sessions}


def render_session(visit: Visit, session_id: str, **words: Any) -> str:
    """One session, with what was typed and is wrong."""
    found = _conversation(visit, session_id)
    session = found["session"]
    return render(
        "sessions/session.html",
        **found,
        consent=consent_events(session.id),
        earlier_chats=past_chats(current_runtime(), session.id),
        max_evidence=session_actions.MAX_EVIDENCE,
        rate=rate_to(session.id),
        mms_segments=MMS_SEGMENTS,
        key=secrets.token_hex(16),
        **words,
    )


def _conversation(visit: Visit, session_id: str) -> dict[str, Any]:
    """For ``sessions/_conversation.html``: the session, its texts, and what people wrote that is not among them."""
    channel_id = find_channel_id(visit.assistant.id)
    session = find_session(
        current_runtime(), channel_id, viewer_of(visit), our_id(session_id, NO_SUCH_SESSION)
    )
    before = request.args.get("before", "")
    cursor = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else None
    page = read_texts(session.id, limit=TEXTS_SHOWN, before=cursor)
    may_not = why_not_to(current_runtime(), session.id)
    return {
        **_common(visit),
        "session": session,
        "texts": list(reversed(page.texts)),
        "older": page.next_cursor,
        "deleted_before": deleted_before(channel_id, session.first_at),
        "newer": cursor is not None,
        "unsent": texts_not_sent(session.id) if cursor is None else (),
        "suggestions": suggestions_of(current_runtime(), session.id) if cursor is None else (),
        "may_not_send": may_not and SENTENCES[may_not],
        "longest": LONGEST,
    }


def _common(visit: Visit) -> dict[str, Any]:
    """What every template of sessions asks for."""
    return {
        "visit": visit,
        "assistant": visit.assistant,
        "home": url_for("sms_sessions.session_list", assistant_id=visit.assistant.id).removesuffix(
            "/sessions"
        ),
        "clock": LocalClock(visit.assistant.workspace),
        "visible": visible_text,
    }


def back_to_session(visit: Visit, session_id: str, done: str, message_id: str | None = None) -> Response:
    """To the session's page, which says what was done."""
    anchor = f"text-{message_id}" if message_id else None
    assistant_id = visit.assistant.id
    url = url_for(
        "sms_sessions.session_page", assistant_id=assistant_id, session_id=session_id, _anchor=anchor
    )
    return leave_note(redirect(url, 303), assistant_id, done)


def _say_once(page: str, assistant_id: str) -> Response:
    response = make_response(page)
    return forget_note(response, assistant_id) if noted() in DONE else response


def _ids(session_id: str, message_id: str) -> tuple[int, int]:
    return our_id(session_id, NO_SUCH_SESSION), our_id(message_id, say("There is no such text."))


def _show_of(word: str | None) -> Show:
    try:
        return Show(word or "all")
    except ValueError:
        return Show.ALL
