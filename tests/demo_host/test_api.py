"""The JSON API and its conventions."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.host import chat_history
from demo.host.database import transaction
from demo.host.models import MessageRole

ACME = {"Authorization": "Bearer wsk_live_acme"}
GLOBEX = {"Authorization": "Bearer wsk_live_globex"}
LISTS = ("assistants", "conversations", "contacts")


@pytest.fixture
def chats(app: Flask) -> list[str]:
    """Three chats, the first one with five messages."""
    with app.app_context(), transaction() as session:
        found = [
            chat_history.open_chat(session, assistant_id=assistant, title="SMS", key=f"k{number}")
            for number, assistant in enumerate(("ast_support", "ast_support", "ast_sales"))
        ]
        for number in range(5):
            chat_history.append_message(
                session, found[0], role=MessageRole.USER, content=f"text {number}", key=str(number)
            )
    return found


@pytest.mark.parametrize("what", LISTS)
def test_a_list_has_data_total_limit_and_offset(app: Flask, chats: list[str], what: str) -> None:
    answer = app.test_client().get(f"/api/workspaces/ws_acme/{what}?limit=1&offset=1", headers=ACME)
    assert answer.status_code == 200
    assert set(answer.json) == {"data", "total", "limit", "offset"}
    assert (len(answer.json["data"]), answer.json["limit"], answer.json["offset"]) == (1, 1, 1)
    assert answer.json["total"] == {"assistants": 2, "conversations": 3, "contacts": 3}[what]
    for name, value in answer.json["data"][0].items():
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name)
        if name.endswith("At"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)


def test_conversations_can_be_those_of_one_assistant(app: Flask, chats: list[str]) -> None:
    client = app.test_client()
    answer = client.get("/api/workspaces/ws_acme/conversations?assistantId=ast_sales", headers=ACME).json
    assert [found["id"] for found in answer["data"]] == [chats[2]]
    nothing = client.get("/api/workspaces/ws_acme/conversations?assistantId=ast_globex", headers=ACME)
    assert nothing.json["data"] == []


def test_messages_are_read_with_a_cursor(app: Flask, chats: list[str]) -> None:
    client, place, read, cursor = (
        app.test_client(),
        f"/api/workspaces/ws_acme/conversations/{chats[0]}/messages",
        [],
        "0",
    )
    while cursor:
        page = client.get(f"{place}?limit=2&cursor={cursor}", headers=ACME).json
        read += [message["content"] for message in page["data"]]
        cursor = page["nextCursor"]
    assert read == [f"text {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("offset=²", "offset"),
    ],
)
def test_a_wrong_parameter_is_named(app: Flask, parameters: str, named: str) -> None:
    answer = app.test_client().get(f"/api/workspaces/ws_acme/contacts?{parameters}", headers=ACME)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request:api")
    assert "must be a whole number" in answer.json["details"][named]


@pytest.mark.parametrize("what", [*LISTS, "conversations/{chat}/messages"])
def test_who_may_read(app: Flask, sign_in: Callable[[str], FlaskClient], chats: list[str], what: str) -> None:
    place = f"/api/workspaces/ws_acme/{what.format(chat=chats[0])}"

    def outcome(client: FlaskClient, headers: dict[str, str] | None = None) -> tuple[int, str | None]:
        answer = client.get(place, headers=headers or {})
        return answer.status_code, answer.json.get("code")

    for who in ("owner", "admin", "member"):
        assert outcome(sign_in(who)) == (200, None)
    guest = (200, None) if what == "assistants" else (403, "forbidden:api")
    assert outcome(sign_in("guest")) == guest
    assert outcome(sign_in("other")) == (404, "not_found:api")
    assert outcome(app.test_client(), ACME) == (200, None)
    assert outcome(app.test_client(), GLOBEX) == (404, "not_found:api")
    for wrong in ("Bearer wsk_live_nobody", "Bearer ", "Basic d3NrX2xpdmVfYWNtZQ==", ""):
        assert outcome(app.test_client(), {"Authorization": wrong}) == (401, "unauthorized:api")
    assert outcome(app.test_client()) == (401, "unauthorized:api")


def test_a_key_counts_before_a_cookie(sign_in: Callable[[str], FlaskClient]) -> None:
    client = sign_in("owner")
    place = "/api/workspaces/ws_acme/contacts"
    assert client.get(place).status_code == 200
    assert client.get(place, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_chats_of_another_workspace_are_not_found_through_ones_own(app: Flask, chats: list[str]) -> None:
    place = f"/api/workspaces/ws_globex/conversations/{chats[0]}/messages"
    assert app.test_client().get(place, headers=GLOBEX).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found:api"),
        ("DELETE", "/api/workspaces/ws_acme/contacts", 405, "method_not_allowed:api"),
    ],
)
def test_every_error_is_json(app: Flask, method: str, path: str, status: int, code: str) -> None:
    answer = app.test_client().open(path, method=method, headers=ACME)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert set(answer.json) == {"error", "code"}


def test_a_fault_of_ours_gives_no_details_away(make: Callable[..., Flask]) -> None:
    app = make(PROPAGATE_EXCEPTIONS=False)

    @app.get("/api/breaks")
    def breaks() -> str:
        raise RuntimeError("secret detail")

    answer = app.test_client().get("/api/breaks")
    assert (answer.status_code, answer.json["code"]) == (500, "internal:api")
    assert "secret" not in answer.text


def test_a_key_needs_no_csrf_token_and_a_cookie_does(make: Callable[..., Flask]) -> None:
    app = make()

    @app.post("/api/write")
    def write() -> dict[str, bool]:
        return {"ok": True}

    assert app.test_client().post("/api/write", headers=ACME).json == {"ok": True}
    refused = app.test_client().post("/api/write")
    assert (refused.status_code, refused.json["code"]) == (400, "bad_request:api")
