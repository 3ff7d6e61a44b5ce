"""Who may do what: one table of every route we register, and every kind of caller at each.

Owner and admin, and the workspace's own API key: all of it. Member: may look at analytics and
sessions. Guest and strangers: nothing. Another workspace's anything: as if it were not there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url
from werkzeug.test import TestResponse

from illumichat_sms_plugin.blueprints.guards import NO_SUCH_ASSISTANT
from illumichat_sms_plugin.models import SmsMessage
from tests.blueprints.routes import OF_A_SESSION, OF_AN_ASSISTANT, ROUTES, Route, name
from tests.support.apps import let_go_of, make_app, sqlite_url
from tests.support.channels import connect, messages, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import inbound_form, post_signed
from tests.support.visitors import VISITORS, form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def call(
    app: Flask, route: Route, visitor: str, *, query: Any = None, body: Any = None, **ids: str
) -> TestResponse:
    """Call a route with whatever its method needs; an empty form or object unless ``body`` is given."""
    sent: dict[str, Any] = {}
    if route.method != "GET":
        sent = {"json": body or {}} if route.is_api else {"data": body or {}}
    client = visit(app, visitor)
    return client.open(route.url(**ids), method=route.method, query_string=query or {}, buffered=True, **sent)


@pytest.fixture(scope="module")
def of_two_workspaces(
    migrated_sqlite: Path, valkey_server: str, twilio_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A database of Acme and Globex, each with a connected assistant, a session and a text; to be copied."""
    path = tmp_path_factory.mktemp("access") / "two.sqlite"
    shutil.copy(migrated_sqlite, path)
    host = MemoryHost()
    app = make_app(sqlite_url(path), host, SMS_REDIS_URL=valkey_server, SMS_TWILIO_API_URL=twilio_server.url)
    connect(app)
    connect(app, "ast_globex", account_sid="AC" + "9" * 32, phone_number="+15551230009")
    for assistant_id, number in (("ast_support", "+15551230001"), ("ast_globex", "+15551230009")):
        account = {"AccountSid": "AC" + "9" * 32} if assistant_id == "ast_globex" else {}
        form = inbound_form("Secret of " + assistant_id, To=number, **account)
        assert post_signed(app, f"/api/sms/webhook/{assistant_id}", form).status_code == 200
    assert [session.channel_id for session in sessions(app)] == [1, 2]
    let_go_of(app)
    return path


@pytest.fixture
def two_workspaces(
    of_two_workspaces: Path, database_url: str, make: Callable[..., Flask], twilio: Any
) -> Flask:
    """Acme and Globex, as nobody has changed them yet."""
    shutil.copy(of_two_workspaces, str(make_url(database_url).database))
    return make(SMS_TWILIO_API_URL=twilio.url)


def test_every_route_is_in_the_table(app: Flask):
    ours = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert ours == {(route.method, route.rule) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_who_may_come_in(two_workspaces: Flask, route: Route):
    """One look at each caller; those who are let in may still be told that their request is no good."""
    for visitor in VISITORS:
        answer = call(two_workspaces, route, visitor)
        expected = allowed(route, visitor)
        if expected is True:
            assert not refused(answer), f"{visitor} was refused: {answer.text}"
        else:
            assert answer.status_code == expected, f"{visitor}: {answer.status_code} {answer.text[:300]}"


def refused(answer: TestResponse) -> bool:
    """Whether the caller was not let in; a session that an earlier caller erased may well be missing."""
    return answer.status_code in (401, 403) or (
        answer.status_code == 404 and NO_SUCH_ASSISTANT in answer.text
    )


def allowed(route: Route, visitor: str) -> int | bool:
    """True, or the status of the refusal."""
    signs_in = 401 if route.is_api else 302
    if route.who in FOR_NOBODY_HERE or route.who == "anybody":
        return FOR_NOBODY_HERE.get(route.who, True)
    if visitor in ("owner", "admin", "own key"):
        return True
    refusals: dict[str, int | bool] = {
        "member": route.who == "look" or 403,
        "guest": 403,
        "stranger": signs_in,
    }
    return refusals.get(visitor, 404)


FOR_NOBODY_HERE = {"twilio": 415, "operator": 404}
"""Routes that no role opens: the webhooks take Twilio's signed forms, the metrics an operator's token."""


def test_a_refusal_of_the_api_is_json_and_a_strangers_page_is_the_sign_in(two_workspaces: Flask):
    api = visit(two_workspaces, "stranger").get("/api/sms/config/ast_support")
    assert api.json == {"error": "Sign in first.", "code": "unauthorized:api"}
    page = visit(two_workspaces, "stranger").get("/sms/ast_support")
    assert page.headers["Location"] == "/sign-in"


@pytest.mark.parametrize("route", OF_AN_ASSISTANT, ids=name)
def test_another_workspaces_assistant_is_as_missing_as_one_that_does_not_exist(
    two_workspaces: Flask, route: Route
):
    theirs = call(two_workspaces, route, "owner", assistant_id="ast_globex")
    nobodys = call(two_workspaces, route, "owner", assistant_id="ast_nobody")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.text.replace("ast_globex", "x") == nobodys.text.replace("ast_nobody", "x")


@pytest.mark.parametrize("route", OF_A_SESSION, ids=name)
def test_a_session_of_somebody_else_is_not_reached_through_ones_own_assistant(
    two_workspaces: Flask, route: Route
):
    for session_id in ("2", "999", "0", "-1", "1 OR 1=1", "٢", "1" * 30):
        answer = call(two_workspaces, route, "owner", session_id=session_id)
        assert answer.status_code == 404, session_id
        assert "Secret of ast_globex" not in answer.text


@pytest.mark.parametrize("route", [r for r in OF_A_SESSION if "<message_id>" in r.rule], ids=name)
def test_a_text_of_somebody_else_is_not_reached_through_ones_own_session(two_workspaces: Flask, route: Route):
    write(two_workspaces, SmsMessage, SmsMessage.id == 2, send_state="unsettled", direction="outbound")
    before = messages(two_workspaces)
    answer = call(two_workspaces, route, "owner", message_id="2")
    assert answer.status_code in (404, 409)
    assert messages(two_workspaces) == before


@pytest.mark.parametrize("route", OF_AN_ASSISTANT, ids=name)
def test_an_assistant_named_anywhere_but_in_the_path_counts_for_nothing(two_workspaces: Flask, route: Route):
    """Ids swapped in query, form and JSON: Globex stays as it was, and nothing of it is shown."""
    swapped = {
        "assistant_id": "ast_globex",
        "assistantId": "ast_globex",
        "session_id": "2",
        "channel_id": "2",
    }
    before = [row for row in messages(two_workspaces) if row.channel_id == 2]
    config = globex(two_workspaces)
    for query, body in ((swapped, None), (None, swapped), (swapped, swapped)):
        answer = call(two_workspaces, route, "admin", query=query, body=body)
        assert "Secret of ast_globex" not in answer.text
        assert "+15551230009" not in answer.text
    assert [row for row in messages(two_workspaces) if row.channel_id == 2] == before
    assert globex(two_workspaces) == config


def globex(app: Flask) -> Any:
    found = visit(app, "other admin").get("/api/sms/config/ast_globex")
    assert found.status_code == 200
    return found.json


@pytest.mark.parametrize(
    "assistant_id", ["%00", "a" * 65, "..%2f..", "%F0%9F%98%80", "ast_support%0d%0aX: y", "<script>", "%20"]
)
def test_an_id_that_no_host_could_have_given_is_missing(app: Flask, assistant_id: str):
    for url in (f"/sms/{assistant_id}", f"/api/sms/config/{assistant_id}"):
        answer = visit(app, "owner").get(url)
        assert answer.status_code == 404
        assert "<script>" not in answer.text


def test_a_member_sees_neither_settings_nor_numbers(two_workspaces: Flask):
    page = visit(two_workspaces, "member").get("/sms/ast_support").text
    for words in ("Account SID", "+15551230001", "Webhook", "Recent changes", "+15557654321", "version"):
        assert words not in page, words


def test_a_form_of_one_assistant_sent_to_another_changes_only_the_one_in_the_path(two_workspaces: Flask):
    form = form_of(two_workspaces, max_message_length="99")
    answer = visit(two_workspaces, "admin").post("/sms/ast_globex/settings", data=form)
    assert answer.status_code == 404
    assert globex(two_workspaces)["maxMessageLength"] == 1600
