"""The kit's requests come to the public address; and a form of another site brings cookies and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, g, redirect, request, session
from flask.testing import FlaskClient

from illumichat_sms_plugin.conformance.rules import RULES
from illumichat_sms_plugin.conformance.trial import NotTried, RuleBroken
from illumichat_sms_plugin.testing import STRANGER
from tests.testing.hosts import SmallestHost

RULE = {rule.name: rule for rule in RULES}


def without_pages(folder: Path) -> tuple[SmallestHost, Flask]:
    host = SmallestHost()
    host["Host"].pages = property(lambda self: None, lambda self, _: None)
    return host, host.app(folder)


def knows_cookies(host: SmallestHost, app: Flask) -> Any:
    """Who is calling stands in a cookie; gives clients that bring it."""
    host["Access"].caller = lambda self: host["Person"]("1", "Owner") if session.get("who") else None

    def client() -> FlaskClient:
        made: FlaskClient = app.test_client()
        with made.session_transaction() as signed_in:
            signed_in["who"] = "1"
        return made

    return client


def test_metrics_behind_a_login_are_caught(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)

    @app.before_request
    def guard() -> None:
        if request.endpoint == "sms_health.metrics":
            abort(401)

    with pytest.raises(RuleBroken, match=r"“guards”: GET /api/sms/metrics by nobody in particular got 401"):
        RULE["guards"].try_on(host.trial(app))


@pytest.mark.parametrize("rule", ["guards", "roles", "addresses"])
def test_a_host_that_forces_https_is_sound(tmp_path: Path, rule: str) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)

    @app.before_request
    def force_https() -> Any:
        return None if request.is_secure else redirect(request.url.replace("http:", "https:"), 301)

    RULE[rule].try_on(host.trial(app))


@pytest.mark.parametrize("rule", ["guards", "roles", "addresses"])
def test_a_host_that_knows_its_own_name_only_is_sound(tmp_path: Path, rule: str) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)

    @app.before_request
    def trusted_hosts() -> None:
        if request.host != "chat.example.com":  # as TRUSTED_HOSTS of Flask 3.1
            abort(400)

    RULE[rule].try_on(host.trial(app))


def test_cookies_of_a_test_client_come_along_to_the_public_address(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)
    people = {"owner": knows_cookies(host, app), STRANGER: app.test_client}
    RULE["roles"].try_on(host.trial(app, people=people))


def test_a_host_without_pages_that_takes_forms_for_json_is_caught(tmp_path: Path) -> None:
    host, app = without_pages(tmp_path)
    with pytest.raises(
        RuleBroken, match="let through to the plugin, to POST /api/sms/config/ast_support/pause"
    ):
        RULE["csrf"].try_on(host.trial(app, people={"owner": knows_cookies(host, app)}))


def test_a_host_that_protects_pages_only_is_caught(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)

    @app.before_request
    def protect() -> None:
        if request.path.startswith("/sms/"):
            abort(400)

    with pytest.raises(RuleBroken, match="to POST /api/sms/config/ast_support/pause"):
        RULE["csrf"].try_on(host.trial(app))


def test_callers_that_send_a_header_are_left_out_with_the_reason(tmp_path: Path) -> None:
    host, app = without_pages(tmp_path)
    who = host["Person"]("1", "Owner")
    host["Access"].caller = lambda self: who if request.headers.get("Authorization") == "Bearer t" else None

    def client() -> FlaskClient:
        made: FlaskClient = app.test_client()
        made.environ_base["HTTP_AUTHORIZATION"] = "Bearer t"
        return made

    with pytest.raises(
        NotTried, match=r"not tried: callers send a header \(Authorization\) instead of a cookie"
    ):
        RULE["csrf"].try_on(host.trial(app, people={"owner": client}))


@pytest.mark.parametrize("password", [True, False], ids=["HTTP Basic", "a token of CSRF in each request"])
def test_what_a_browser_sends_by_itself_is_sent_and_nothing_else(tmp_path: Path, password: bool) -> None:
    host, app = without_pages(tmp_path)
    signed_in = knows_cookies(host, app)
    who = host["Person"]("1", "Owner")
    if password:
        host["Access"].caller = lambda self: who if request.authorization else None
    else:
        app.before_request(lambda: None if "X-CSRFToken" in request.headers else Response("No token.", 400))

    def client() -> FlaskClient:
        made: FlaskClient = signed_in()
        name, value = ("AUTHORIZATION", "Basic YTpi") if password else ("X_CSRFTOKEN", "t")
        made.environ_base[f"HTTP_{name}"] = value
        return made

    trial = host.trial(app, people={"owner": client})
    if password:
        with pytest.raises(RuleBroken, match="“csrf”: a form without a token was let through"):
            RULE["csrf"].try_on(trial)
    else:
        RULE["csrf"].try_on(trial)


def test_a_host_that_asks_where_a_request_comes_from_is_sound(tmp_path: Path) -> None:
    host = SmallestHost()
    app = host.app(tmp_path)

    @app.before_request
    def same_site() -> None:
        g.origin = request.headers.get("Origin", request.host_url.rstrip("/"))
        if request.method == "POST" and g.origin != request.host_url.rstrip("/"):
            abort(403)

    RULE["csrf"].try_on(host.trial(app))


def test_a_client_that_signs_in_when_it_is_made_does_so_as_a_person_would(tmp_path: Path) -> None:
    host, app = without_pages(tmp_path)
    signed_in = knows_cookies(host, app)
    seen: list[str | None] = []
    app.add_url_rule("/sign-in", "sign_in", lambda: str(seen.append(request.headers.get("Origin"))))

    def client() -> FlaskClient:
        made: FlaskClient = signed_in()
        made.get("/sign-in")
        return made

    with pytest.raises(RuleBroken, match="“csrf”"):
        RULE["csrf"].try_on(host.trial(app, people={"owner": client}))
    assert seen == [None]
