"""Hosts without pages, without a layout, and installations that leave a group of routes out."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.contract import missing_from
from illumichat_sms_plugin.errors import StartRefused
from tests.support.channels import connect, outbound, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import sign_in, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ALWAYS = {
    "/api/sms/webhook/<assistant_id>",
    "/api/sms/status/<assistant_id>",
    "/api/sms/health",
    "/api/sms/metrics",
}


def rules(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"}


@pytest.fixture
def host() -> MemoryHost:
    """A host whose front end is made elsewhere: nobody is sent to a sign-in page."""
    host = MemoryHost()
    del host.pages
    access = host.access
    host.access = SimpleNamespace(caller=lambda: access.person, role=access.role)  # type: ignore[assignment]
    host.signs_in = access  # type: ignore[attr-defined]
    return host


def admin(host: Any) -> None:
    sign_in(SimpleNamespace(access=host.signs_in), "admin")  # type: ignore[arg-type]


def test_a_host_without_pages_gets_the_api_the_webhooks_and_the_commands(
    app: Flask, host: MemoryHost
) -> None:
    assert missing_from(host) == []
    assert all(rule.startswith("/api/sms/") for rule in rules(app))
    assert rules(app) > ALWAYS
    assert "sms" in app.cli.commands
    assert app.test_client().get("/api/sms/config/ast_support").status_code == 401


def test_a_text_is_answered_there(make: Callable[..., Flask], twilio: Any) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    assert text_in(app).status_code == 200
    run_jobs(app)
    assert [text.body for text in outbound(app)] == ["We are open from 9 to 17."]


def test_an_admin_finds_sessions_with_the_addresses_that_the_host_gives(app: Flask, host: MemoryHost) -> None:
    connect(app)
    text_in(app)
    admin(host)
    (session,) = app.test_client().get("/api/sms/sessions/ast_support").json["data"]
    assert (session["id"], session["chatUrl"]) == ("1", None)


def test_what_the_doctor_offers_leads_into_the_api(app: Flask, host: MemoryHost) -> None:
    from illumichat_sms_plugin.blueprints.doctor_actions import action_url
    from illumichat_sms_plugin.services.findings import SETTINGS, Action

    with app.test_request_context():
        fix = action_url(Action("Turn on", "fix", "turn-on"), "ast_support")
        assert fix == "/api/sms/doctor/ast_support/fix/turn-on"
        assert action_url(SETTINGS, "ast_support") is None


class TestWithPages:
    """A host with pages whose operator leaves a group out."""

    @pytest.fixture
    def host(self) -> MemoryHost:
        return MemoryHost()

    def test_pages_are_left_out_by_a_setting(self, make: Callable[..., Flask], host: MemoryHost) -> None:
        app = make(SMS_PAGES="false")
        assert all(rule.startswith("/api/sms/") for rule in rules(app))
        assert host.pages.slots == {}
        assert {name.rpartition(".")[2] for name in host.pages.without_csrf} == {"inbound", "status"}

    def test_the_api_is_left_out_by_a_setting(self, make: Callable[..., Flask]) -> None:
        app = make(SMS_API=False)
        assert {rule for rule in rules(app) if rule.startswith("/api/")} == ALWAYS
        connect(app)
        page = visit(app).get("/sms/ast_support")
        assert page.status_code == 200
        assert "Export as CSV" not in page.text

    @pytest.mark.parametrize("setting", ["SMS_PAGES", "SMS_API"])
    def test_a_switch_that_is_neither_is_refused(self, make: Callable[..., Flask], setting: str) -> None:
        with pytest.raises(StartRefused, match=f"{setting} must be true or false, not 'perhaps'"):
            make(**{setting: "perhaps"})

    def test_without_a_layout_the_plugin_brings_one(
        self, make: Callable[..., Flask], host: MemoryHost
    ) -> None:
        pages = SimpleNamespace(exempt_from_csrf=host.pages.exempt_from_csrf, csrf_token=lambda: "token")
        host.pages = pages  # type: ignore[assignment]
        app = make()
        connect(app)
        page = BeautifulSoup(visit(app).get("/sms/ast_support").text, "html.parser")
        assert page.select_one("html[lang=en] > head > title").text == "SMS · Acme Support"
        assert page.select_one("main h1").text == "SMS"
        assert page.select_one('head link[href*="sms.css"]')
        assert page.select_one(".sms-crumbs").find("a") is None
        assert "none" not in page.select_one(".sms-crumbs").text.lower()
