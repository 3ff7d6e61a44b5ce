"""Whoever is signed in cannot be made to change anything by a page of somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf

from tests.support.apps import make_app
from tests.support.channels import connect
from tests.support.memory_host import MemoryHost, MemoryPages
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WEBHOOKS = {"/api/sms/webhook/<assistant_id>", "/api/sms/status/<assistant_id>"}
EXAMPLE = {"assistant_id": "ast_support", "session_id": "1", "message_id": "1", "name": "enable"}


class ProtectedPages(MemoryPages):
    """The pages of a host that protects every form, as hosts do."""

    csrf = CSRFProtect()

    def exempt_from_csrf(self, view: Callable[..., Any]) -> None:
        super().exempt_from_csrf(view)
        self.csrf.exempt(view)

    def csrf_token(self) -> str:
        return str(generate_csrf())


@pytest.fixture
def protected(database_url: str, redis_url: str) -> Flask:
    """An app whose host protects every form, with a channel and a session in it."""
    host = MemoryHost(pages=ProtectedPages())
    app = make_app(database_url, host, SMS_REDIS_URL=redis_url)
    ProtectedPages.csrf.init_app(app)
    connect(app)
    assert text_in(app).status_code == 200
    return app


def changing_routes(app: Flask) -> list[tuple[str, str]]:
    """(method, rule) of all routes that change something."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
    ]


def url_of(rule: str) -> str:
    for name, value in EXAMPLE.items():
        rule = rule.replace(f"<{name}>", value)
    return rule


def test_only_the_two_webhooks_are_exempt(protected: Flask, host: MemoryHost):
    pages = protected.extensions["illumichat_sms"].host.pages
    assert {name.rpartition(".")[2] for name in pages.without_csrf} == {"inbound", "status"}


def test_nothing_is_changed_without_a_token(protected: Flask):
    routes = [route for route in changing_routes(protected) if route[1] not in WEBHOOKS]
    assert len(routes) > 15
    for method, rule in routes:
        sent: dict[str, Any] = {"json": {}} if rule.startswith("/api/") else {"data": {}}
        answer = visit(protected, "owner").open(url_of(rule), method=method, **sent)
        assert answer.status_code == 400, f"{method} {rule}"
        assert "CSRF" in answer.text, f"{method} {rule}"


def test_the_webhooks_need_a_signature_instead(protected: Flask):
    for rule in WEBHOOKS:
        answer = visit(protected, "owner").post(url_of(rule), data={"MessageSid": "SM1"})
        assert (answer.status_code, answer.text) == (403, "Forbidden.")


def test_every_form_carries_the_token(protected: Flask):
    client = visit(protected, "owner")
    forms = 0
    for path in ("", "/settings/disconnect", "/sessions/1", "/doctor"):
        page = client.get(f"/sms/ast_support{path}")
        assert page.status_code == 200
        for form in BeautifulSoup(page.text, "html.parser").select("form[method=post]"):
            assert form.select_one("input[name=csrf_token]")["value"], form
            forms += 1
    assert forms >= 4


def test_with_the_token_of_the_page_a_form_is_taken(protected: Flask):
    client = visit(protected, "owner")
    page = BeautifulSoup(client.get("/sms/ast_support/settings/disconnect").text, "html.parser")
    fields = {field["name"]: field["value"] for field in page.select("form input[name][value]")}
    assert client.post("/sms/ast_support/settings/disconnect", data=fields).status_code == 303


def test_a_script_sends_the_token_in_a_header(protected: Flask):
    client = visit(protected, "owner")
    page = BeautifulSoup(client.get("/sms/ast_support").text, "html.parser")
    token = page.select_one("input[name=csrf_token]")["value"]
    answer = client.patch(
        "/api/sms/config/ast_support", json={"enabled": False}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 200
