"""Hosts of another make: below a prefix, with a policy of their own, with a guard over every route, with odd ids."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, redirect, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from illumichat_sms_plugin.blueprints.pages.headers import POLICY
from illumichat_sms_plugin.host import Assistant, Contact
from tests.support.apps import make_app
from tests.support.channels import connect, outbound, run_jobs, sessions
from tests.support.memory_host import ACME, MemoryHost
from tests.support.twilio_requests import inbound_form, post_signed, text_in
from tests.support.visitors import visit

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PACKAGE = Path(__file__).parent.parent.parent / "illumichat_sms_plugin"


@ONE_DATABASE
def test_a_stranger_below_a_prefix_comes_back_below_it(make: Callable[..., Flask], host: MemoryHost) -> None:
    host.access.sign_in_url = lambda next_url: f"/sign-in?next={next_url}"  # type: ignore[method-assign]
    mounted = Client(DispatcherMiddleware(Flask("outer"), {"/app": make()}))
    answer = mounted.get("/app/sms/ast_support?a=1")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/app/sms/ast_support?a=1")
    after_a_form = mounted.post("/app/sms/ast_support/settings")
    assert after_a_form.status_code in (302, 404, 405)


POLICIES: list[tuple[Any, str | None]] = [
    ("default-src 'self' https://cdn.example.com", "default-src 'self' https://cdn.example.com"),
    (lambda: "script-src 'nonce-r4nd0m'", "script-src 'nonce-r4nd0m'"),
    ("", None),
    (lambda: None, None),
]


@ONE_DATABASE
@pytest.mark.parametrize(("given", "sent"), POLICIES, ids=["fixed", "of each answer", "empty", "none"])
def test_a_hosts_own_policy_stands_on_our_pages(
    connected: Flask, host: MemoryHost, given: Any, sent: str | None
) -> None:
    """Its layout is on them, with scripts and styles that only it knows."""
    host.pages.csp = given  # type: ignore[attr-defined]
    answer = visit(connected, "owner").get("/sms/ast_support")
    assert answer.status_code == 200
    assert answer.headers.get("Content-Security-Policy") == sent
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@ONE_DATABASE
def test_a_host_without_one_gets_ours(connected: Flask, host: MemoryHost) -> None:
    answer = visit(connected, "owner").get("/sms/ast_support")
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_our_own_parts_need_nothing_inline() -> None:
    for template in (PACKAGE / "templates").rglob("*.html"):
        source = template.read_text(encoding="utf-8")
        for inline in (
            "<style",
            " style=",
            " onclick=",
            " onsubmit=",
            " onchange=",
            "javascript:",
            "<script>",
        ):
            saved_and_opened_alone = (template.name, inline) == ("export.html", "<style")
            assert saved_and_opened_alone or inline not in source, f"{template.name}: {inline}"


def guarded(app: Flask, open_views: set[Any], answer: Callable[[], Any]) -> None:
    """Every route asks for a login, as ``before_request`` of the app."""

    @app.before_request
    def guard() -> Any:
        return None if app.view_functions.get(request.endpoint or "") in open_views else answer()


@ONE_DATABASE
def test_a_guard_over_every_route_learns_which_views_need_no_login(
    make: Callable[..., Flask], host: MemoryHost
) -> None:
    exempt: set[Any] = set()
    host.pages.exempt_from_csrf = lambda view: None  # type: ignore[method-assign]
    host.pages.exempt = exempt.add  # type: ignore[attr-defined]
    app = make()
    connect(app)
    guarded(app, exempt, lambda: abort(401))
    assert text_in(app).status_code == 200
    assert app.test_client().get("/api/sms/health").status_code in (200, 503)
    assert app.test_client().get("/api/sms/metrics").status_code == 404
    assert app.test_client().get("/api/sms/config/ast_support").status_code == 401
    assert app.test_client().get("/sms/ast_support").status_code == 401


@ONE_DATABASE
def test_a_guard_that_knows_nothing_of_us_turns_twilio_away(connected: Flask) -> None:
    """What the Doctor then finds."""
    guarded(connected, set(), lambda: redirect("/login?next=/"))
    assert text_in(connected).status_code == 302


IDS = ["7", str(uuid.UUID(int=7)), "a.b~c", "a:b@c", "x" * 64, "under_score-dash"]
ODD = ["a/b", "a?b", "a#b", "a b", "a%b", "ä", "x" * 65, "..", '"', ""]


def known_as(host: MemoryHost, assistant_id: Any) -> None:
    host.assistants.known[str(assistant_id)] = Assistant(assistant_id, "Odd", ACME)


@ONE_DATABASE
@pytest.mark.parametrize("assistant_id", IDS)
def test_these_ids_work_from_connect_to_answer(
    make: Callable[..., Flask], host: MemoryHost, assistant_id: str, twilio: Any
) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url)
    known_as(host, assistant_id)
    connect(app, assistant_id)
    assert post_signed(app, f"/api/sms/webhook/{assistant_id}", inbound_form("Hello?")).status_code == 200
    run_jobs(app)
    assert len(outbound(app)) == 1
    assert visit(app, "owner").get(f"/sms/{assistant_id}").status_code == 200


@ONE_DATABASE
@pytest.mark.parametrize("assistant_id", ODD)
def test_these_are_refused_when_they_are_connected(
    app: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch, assistant_id: str
) -> None:
    """Their webhook's address could never verify."""
    known_as(host, assistant_id)
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", "0" * 32)
    command = [
        "sms",
        "connect",
        assistant_id,
        "--account-sid",
        "AC" + "0" * 32,
        "--phone-number",
        "+15551234567",
    ]
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 1
    assert "cannot stand in a webhook's address" in done.output


def test_ids_that_are_no_strings_are_stored_as_such(texting: Flask, host: MemoryHost) -> None:
    """A host that hands over what its database has: UUIDs and numbers."""
    chat, contact = uuid.UUID(int=5), 17
    kept = host.chats.open

    def open_chat(**what: Any) -> Any:
        host.chats.chats[str(chat)] = host.chats.chats.pop(kept(**what), [])
        return chat

    host.chats.open = open_chat  # type: ignore[method-assign]
    host.contacts.find_by_number = lambda *_: Contact(contact, "Ann", None)  # type: ignore[method-assign,arg-type]
    connect(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)
    (session,) = sessions(texting)
    assert (session.chat_id, session.contact_id) == (str(chat), "17")
    assert [message.body for message in outbound(texting)] == ["We are open from 9 to 17."]


def test_a_catch_all_route_of_the_host_leaves_ours_alone(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'x.sqlite'}", MemoryHost())
    app.add_url_rule("/<path:any>", "single_page", lambda any: "the page")
    assert app.test_client().get("/some/where").text == "the page"
    assert app.test_client().get("/sms/static/sms.css").status_code == 200
