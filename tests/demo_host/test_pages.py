"""The host's pages: who may see what, and what they may do there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.host import chat_history
from demo.host.database import db, transaction
from demo.host.models import Assistant, Chat, Contact, MessageRole, Origin
from tests.demo_host.conftest import PEOPLE, csrf_token

SignIn = Callable[[str], FlaskClient]

GUESTS = ("owner", "admin", "member", "guest")
MEMBERS = ("owner", "admin", "member")
ADMINS = ("owner", "admin")

PAGES = {
    "/workspaces/ws_acme": GUESTS,
    "/workspaces/ws_acme/chats": MEMBERS,
    "/workspaces/ws_acme/contacts": MEMBERS,
    "/workspaces/ws_acme/contacts/new": MEMBERS,
    "/assistants/ast_support": GUESTS,
    "/assistants/ast_support/settings": MEMBERS,
    "/assistants/ast_support/settings/knowledge": MEMBERS,
    "/assistants/ast_support/settings/knowledge/new": ADMINS,
    "/assistants/ast_support/settings/knowledge/doc_support_01": MEMBERS,
    "/assistants/ast_support/settings/channels": MEMBERS,
    "/chats/{chat}": MEMBERS,
    "/chats/{chat}/messages": MEMBERS,
    "/contacts/con_dana": MEMBERS,
    "/workspaces/ws_acme/notices": MEMBERS,
    "/workspaces/ws_acme/outbox": ADMINS,
}
CHANGES = {
    "/workspaces/ws_acme/contacts/new": MEMBERS,
    "/assistants/ast_support/settings": ADMINS,
    "/assistants/ast_support/settings/knowledge/new": ADMINS,
    "/assistants/ast_support/settings/knowledge/doc_support_01": ADMINS,
    "/assistants/ast_support/chats": MEMBERS,
    "/chats/{chat}/messages": MEMBERS,
    "/chats/{chat}/handling": MEMBERS,
    "/chats/{chat}/suggestion": MEMBERS,
    "/workspaces/ws_acme/notices": MEMBERS,
    "/contacts/con_dana": MEMBERS,
    "/contacts/con_dana/text": ADMINS,
}


@pytest.fixture
def chat(app: Flask) -> str:
    with app.app_context(), transaction() as session:
        chat_id = chat_history.open_chat(
            session, assistant_id="ast_support", title="SMS +15557650001", key="k"
        )
        chat_history.append_message(session, chat_id, role=MessageRole.USER, content="<b>hello</b>", key="m1")
    return chat_id


def page_token(client: FlaskClient) -> str:
    return csrf_token(client, "/sign-in")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_those_who_may_see_it_and_nobody_else(
    sign_in: SignIn, chat: str, path: str
) -> None:
    path = path.format(chat=chat)
    for who in GUESTS:
        allowed = who in PAGES[path.replace(chat, "{chat}")]
        status = sign_in(who).get(path).status_code
        assert status in ((200, 204) if allowed else (403,)), f"{who}: {status}"
    assert sign_in("other").get(path).status_code == 404
    stranger = sign_in("nobody").get(path)
    assert stranger.status_code == 302
    assert stranger.location.startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("path", CHANGES)
def test_every_change_is_for_those_who_may_make_it_and_nobody_else(
    sign_in: SignIn, chat: str, path: str
) -> None:
    path = path.format(chat=chat)
    for who in (*GUESTS, "other", "nobody"):
        client = sign_in(who)
        response = client.post(path, data={"csrf_token": page_token(client)})
        if who == "nobody":
            assert response.location == "/sign-in?next=%2F"
        elif who == "other":
            assert response.status_code == 404
        elif who in CHANGES[path.replace(chat, "{chat}")]:
            assert response.status_code in (302, 400), who  # 400: the empty form
        else:
            assert response.status_code == 403, who


@pytest.mark.parametrize("path", [*CHANGES, "/sign-in", "/sign-out"])
def test_no_change_without_a_csrf_token(sign_in: SignIn, chat: str, path: str) -> None:
    client = sign_in("owner")
    response = client.post(
        path.format(chat=chat), data={"person": PEOPLE["owner"], "title": "x", "text": "x"}
    )
    assert response.status_code == 400


def test_every_route_that_changes_something_is_in_the_table(app: Flask) -> None:
    """A new route must be added to the tables above."""
    routes = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    known = {*CHANGES, "/sign-in", "/sign-out"}
    shapes = {re.sub(r"<[^>]*>", "*", route) for route in routes}
    assert shapes == {re.sub(r"(ws_|ast_|con_|doc_)\w+|\{chat\}", "*", path) for path in known}


def test_signing_in_leads_where_one_wanted_to_go_but_never_away(sign_in: SignIn) -> None:
    client = sign_in("nobody")
    for wanted, reached in {
        "/workspaces/ws_acme/chats": "/workspaces/ws_acme/chats",
        "https://evil.example": "/",
        "//evil.example": "/",
        "/\\evil.example": "/",
        "": "/",
    }.items():
        data = {"person": PEOPLE["admin"], "next": wanted, "csrf_token": page_token(client)}
        assert client.post("/sign-in", data=data).location == reached
    assert sign_in("admin").get("/").location == "/workspaces/ws_acme"
    assert sign_in("other").get("/").location == "/workspaces/ws_globex"


def test_signing_out_makes_one_a_stranger(sign_in: SignIn) -> None:
    client = sign_in("admin")
    client.post("/sign-out", data={"csrf_token": page_token(client)})
    assert client.get("/workspaces/ws_acme").status_code == 302


@pytest.mark.parametrize("path", ["/sign-in", "/workspaces/ws_acme", "/nothing-here", "/api/nothing"])
def test_every_response_forbids_inline_scripts_and_styles(sign_in: SignIn, path: str) -> None:
    policy = sign_in("admin").get(path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", [path for path in PAGES if not path.endswith("/messages")])
def test_no_page_has_inline_script_or_style_or_anything_from_elsewhere(
    sign_in: SignIn, chat: str, path: str
) -> None:
    text = sign_in("owner").get(path.format(chat=chat)).text
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


def test_a_chat_shows_what_strangers_write_as_text(sign_in: SignIn, chat: str) -> None:
    text = sign_in("member").get(f"/chats/{chat}").text
    assert "&lt;b&gt;hello&lt;/b&gt;" in text
    assert "<b>hello" not in text


def test_the_page_of_a_chat_gets_what_follows_the_last_message_it_shows(sign_in: SignIn, chat: str) -> None:
    client = sign_in("member")
    assert client.get(f"/chats/{chat}/messages?after=1").status_code == 204
    with client.application.app_context(), transaction() as session:
        chat_history.append_message(
            session, chat, role=MessageRole.ASSISTANT, content="How can I help?", key="m2"
        )
    piece = client.get(f"/chats/{chat}/messages?after=1").text
    assert "How can I help?" in piece
    assert "hello" not in piece
    assert "<html" not in piece


def test_a_web_chat_is_answered_once_per_message(sign_in: SignIn) -> None:
    client = sign_in("member")
    token = page_token(client)
    chat_url = client.post("/assistants/ast_support/chats", data={"csrf_token": token}).location
    message = {"csrf_token": token, "content": "Do you have parking?", "key": "press-1"}
    for _ in range(2):
        assert client.post(f"{chat_url}/messages", data=message).status_code == 302
    text = client.get(chat_url).text
    assert text.count("Do you have parking?") == 1
    assert text.count("There is free parking") == 1


def test_what_people_write_in_a_chat_of_a_channel_is_a_note(sign_in: SignIn, chat: str) -> None:
    client = sign_in("member")
    client.post(f"/chats/{chat}/messages", data={"csrf_token": page_token(client), "content": "call her"})
    with client.application.app_context():
        assert db.session.get(Chat, chat).origin == Origin.CHANNEL
        note = chat_history.last_messages(db.session(), chat, limit=1)[0]
        assert (note.role, note.content) == ("note", "Mia Fields: call her")


def test_a_chat_is_taken_over_and_handed_back(sign_in: SignIn, chat: str) -> None:
    client = sign_in("member")
    token = page_token(client)
    client.post(f"/chats/{chat}/handling", data={"csrf_token": token, "by": "person"})
    assert "Mia Fields handles this chat" in client.get(f"/chats/{chat}").text
    client.post(f"/chats/{chat}/handling", data={"csrf_token": token, "by": "assistant"})
    assert "Take over" in client.get(f"/chats/{chat}").text


def test_settings_are_saved_and_bad_ones_refused_in_words(sign_in: SignIn) -> None:
    client = sign_in("admin")
    form = {"csrf_token": page_token(client), "name": "Support", "instructions": "", "welcome_message": "Hey"}
    assert client.post("/assistants/ast_support/settings", data=form).status_code == 302
    refused = client.post("/assistants/ast_support/settings", data=form | {"name": " "})
    assert refused.status_code == 400
    assert "Please fill this in." in refused.text
    with client.application.app_context():
        assert db.session.get(Assistant, "ast_support").name == "Support"


def test_a_document_is_added_changed_and_removed(sign_in: SignIn) -> None:
    client = sign_in("admin")
    token, place = page_token(client), "/assistants/ast_support/settings/knowledge"
    client.post(f"{place}/new", data={"csrf_token": token, "title": "Knives", "text": "We sharpen knives."})
    page = client.get(place).text
    document = re.search(rf'{place}/(doc_[0-9a-f]+)"', page)[1]
    client.post(f"{place}/{document}", data={"csrf_token": token, "title": "Knives", "text": "Not any more."})
    assert "Not any more." in client.get(place).text
    client.post(f"{place}/{document}", data={"csrf_token": token, "remove": "yes"})
    assert "Knives" not in client.get(place).text.split("is removed.")[1]
    assert client.get(f"/assistants/ast_sales/settings/knowledge/{document}").status_code == 404


def test_a_contacts_number_is_kept_as_typed_and_compared_in_e164(sign_in: SignIn) -> None:
    client = sign_in("member")
    form = {"csrf_token": page_token(client), "name": "Ada", "email": "", "phone": "(555) 765-0002"}
    shown = client.post("/workspaces/ws_acme/contacts/new", data=form).location
    assert "+15557650002" in client.get(shown).text
    twice = client.post("/workspaces/ws_acme/contacts/new", data=form | {"phone": "+1 555 765 0002"})
    assert (twice.status_code, "has this number" in twice.text) == (400, True)
    wrong = client.post("/workspaces/ws_acme/contacts/new", data=form | {"phone": "12"})
    assert "This is no phone number" in wrong.text
    client.post(shown, data={"csrf_token": form["csrf_token"], "remove": "yes"})
    with client.application.app_context():
        assert db.session.query(Contact).filter_by(name="Ada").count() == 0


def test_texting_a_contact_first_needs_its_consent(sign_in: SignIn) -> None:
    client = sign_in("admin")
    assert "Text this contact" in client.get("/contacts/con_dana").text
    assert "Text this contact" not in sign_in("member").get("/contacts/con_dana").text
    client = sign_in("admin")
    form = {"csrf_token": page_token(client), "assistant": "ast_support", "text": "At 10, reply C to confirm"}
    empty = client.post("/contacts/con_dana/text", data=form)
    assert (empty.status_code, "Please fill this in." in empty.text) == (400, True)
    agreed = {"agreed_to": "reminders", "agreed_on": "2026-11-03", "agreed_how": "by phone"}
    for wrong in ({"agreed_on": "soon"}, {"assistant": "ast_globex"}, {}):
        response = client.post("/contacts/con_dana/text", data=form | agreed | wrong)
        assert response.status_code == 400, "without the plugin nothing can be sent"
        assert "At 10, reply C to confirm" in response.text


def test_a_page_too_far_is_empty_and_an_odd_number_is_the_first(sign_in: SignIn) -> None:
    client = sign_in("member")
    for page in ("99", "0", "-1", "abc"):
        assert client.get(f"/workspaces/ws_acme/chats?page={page}").status_code == 200
        assert client.get(f"/workspaces/ws_acme/contacts?page={page}").status_code == 200
    assert "Dana Reyes" in client.get("/workspaces/ws_acme/contacts?q=765-0001").text


def test_an_error_page_needs_no_database(make: Callable[..., Flask]) -> None:
    app = make(PROPAGATE_EXCEPTIONS=False)

    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("secret detail")

    with app.app_context():
        db.drop_all()
    response = app.test_client().get("/breaks")
    assert response.status_code == 500
    assert "Something broke" in response.text
    assert "secret detail" not in response.text


def test_the_host_says_whether_it_is_well(app: Flask) -> None:
    assert app.test_client().get("/healthz").text == "ok\n"
