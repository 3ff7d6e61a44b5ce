"""Plugins are found by their entry point, and the host goes on without them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key

SAMPLE = """
from flask import Blueprint, render_template_string
from illumichat_sms_plugin.host import SLOT_ANALYTICS_WIDGET, SLOT_CHANNEL_CARD

blueprint = Blueprint("sample", __name__)

@blueprint.post("/api/sample/hook")
def hook():
    return {"ok": True}

@blueprint.post("/api/sample/form")
def form():
    return {"ok": True}

@blueprint.get("/sample/<assistant_id>")
def page(assistant_id):
    return render_template_string(
        "{% extends layout %}{% block title %}Sample{% endblock %}{% block content %}the page{% endblock %}",
        layout=layout,
    )

def card(assistant_id, **_):
    if assistant_id == "ast_sales":
        raise RuntimeError("no card today")
    return f"<p>card of {assistant_id}</p>"

class Plugin:
    def init_app(self, app, host):
        global layout
        layout = host.pages.layout
        app.register_blueprint(blueprint)
        host.pages.exempt_from_csrf(app.view_functions["sample.hook"])
        host.pages.add_slot(SLOT_CHANNEL_CARD, card)
        host.pages.add_slot(SLOT_ANALYTICS_WIDGET, lambda assistant_id, **_: "<p>figures</p>")
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A plugin that is installed: a module, and the metadata that pip would have written."""
    folder = tmp_path / "site-packages"
    metadata = folder / "sample_plugin-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "sample_plugin.py").write_text(SAMPLE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[illumichat.plugins]\nsample = sample_plugin:Plugin\n")
    monkeypatch.syspath_prepend(str(folder))
    return "sample"


def test_an_installed_plugin_is_started_and_shown(
    make: Callable[..., Flask], installed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make(ILLUMICHAT_PLUGINS=installed)
    client = app.test_client()
    key = {"Authorization": "Bearer wsk_live_acme"}
    assert (
        "<p>card of ast_support</p>"
        in client.get("/assistants/ast_support/settings/channels", headers=key).text
    )
    assert "<p>figures</p>" in client.get("/assistants/ast_support", headers=key).text
    page = client.get("/sample/ast_support", headers=key).text
    assert "the page" in page
    assert 'aria-current="true">Channels</a>' in page, "a plugin's page stands among the settings"
    assert "Acme Support" not in client.get("/sample/ast_support").text, "a stranger learns no names"
    assert client.post("/api/sample/hook").json == {"ok": True}
    assert client.post("/api/sample/form").status_code == 400


def test_a_plugin_that_fails_to_fill_its_place_does_not_break_the_page(
    make: Callable[..., Flask], installed: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(ILLUMICHAT_PLUGINS=installed, TESTING=False)
    with caplog.at_level(logging.ERROR):
        page = app.test_client().get(
            "/assistants/ast_sales/settings/channels", headers={"Authorization": "Bearer wsk_live_acme"}
        )
    assert page.status_code == 200
    assert "This part could not be shown." in page.text
    assert "no card today" in caplog.text


def test_without_a_plugin_the_pages_are_whole(app: Flask) -> None:
    page = app.test_client().get(
        "/assistants/ast_support/settings/channels", headers={"Authorization": "Bearer wsk_live_acme"}
    )
    assert "Web chat" in page.text


def test_the_sms_plugin_lives_in_this_host(make: Callable[..., Flask]) -> None:
    """Its tables come and go without the host's migrations noticing."""
    app = make(
        ILLUMICHAT_PLUGINS="sms",
        SMS_PUBLIC_URL="https://chat.example.com",
        SMS_ENCRYPTION_KEYS=generate_key(),
    )
    run = app.test_cli_runner().invoke
    for arguments in (["sms", "upgrade"], ["db", "check"], ["db", "upgrade"]):
        result = run(args=arguments)
        assert result.exit_code == 0, result.output
    assert app.test_client().post("/api/sms/webhook/ast_support", data={"Body": "hi"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "expected"), [({}, "redis://r:1/0"), ({"SMS_REDIS_URL": "redis://s:2"}, "redis://s:2")]
)
def test_the_plugins_redis_is_the_hosts_unless_it_has_one(
    make: Callable[..., Flask], given: dict[str, str], expected: str
) -> None:
    assert make(REDIS_URL="redis://r:1/0", **given).config["SMS_REDIS_URL"] == expected


def test_the_environment_is_passed_on(make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_ANYTHING_NEW", "42")
    assert make().config["SMS_ANYTHING_NEW"] == "42"
