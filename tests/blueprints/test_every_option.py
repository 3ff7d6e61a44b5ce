"""Every option of a channel, wherever options are: a new one is looked at here without a line being added."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.channel_options import ADMIN_OPTIONS, OPTIONS, ChannelOptions
from illumichat_sms_plugin.option_kinds import Option, Switch
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.schemas.camel import camel
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from tests.support.channels import change
from tests.support.options import another
from tests.support.twilio_requests import ACCOUNT_SID, NUMBER
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE, CONFIG = "/sms/ast_support", "/api/sms/config/ast_support"
each = pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
each_of_admins = pytest.mark.parametrize("option", ADMIN_OPTIONS.values(), ids=ADMIN_OPTIONS)


@pytest.fixture
def connected(connected: Flask) -> Flask:
    """With every option at its default."""
    change(connected, introduce=True)
    return connected


def stored(app: Flask, option: Option) -> Any:
    with app.app_context():
        return getattr(read_settings(current_runtime(), "ast_support").options, option.name)


def page(app: Flask) -> BeautifulSoup:
    return BeautifulSoup(visit(app).get(PAGE).text, "html.parser")


def as_typed(option: Option) -> str | None:
    """How a browser sends it: a box that is not ticked not at all."""
    typed = option.typed(another(option))
    return None if isinstance(option, Switch) and typed == "off" else typed


def in_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@each_of_admins
def test_the_form_shows_and_explains_it(connected: Flask, option: Option):
    form = page(connected).select_one("#settings form")
    assert form.select_one(f"label[for={option.name}]").text == option.label
    assert form.select_one(f"#{option.name}-help").get_text(strip=True)
    assert form.select_one(f"[name={option.name}]")["aria-describedby"] == f"{option.name}-help"


@each_of_admins
def test_the_form_saves_it_and_leaves_an_audit_line(connected: Flask, option: Option):
    answer = visit(connected).post(
        f"{PAGE}/settings", data=form_of(connected, **{option.name: as_typed(option)})
    )
    assert answer.status_code == 303, answer.text
    assert stored(connected, option) == another(option)
    assert f"{option.label}: " in page(connected).select_one("#changes").text


@each
def test_saving_the_form_as_it_is_keeps_it(connected: Flask, option: Option):
    change(connected, **{option.name: another(option)})
    assert visit(connected).post(f"{PAGE}/settings", data=form_of(connected)).status_code == 303
    assert stored(connected, option) == another(option)


@each_of_admins
def test_patch_changes_it_and_nothing_else_and_leaves_an_audit_line(connected: Flask, option: Option):
    before = visit(connected).get(CONFIG).json
    name, value = camel(option.name), in_json(another(option))
    answer = visit(connected).patch(CONFIG, json={name: value})
    assert answer.json is not None
    assert answer.json[name] == value
    after = visit(connected).get(CONFIG).json
    options = [camel(other) for other in ADMIN_OPTIONS if other != option.name]
    assert [after[other] for other in options] == [before[other] for other in options]
    assert stored(connected, option) == another(option)
    assert f"{option.label}: " in page(connected).select_one("#changes").text


@each_of_admins
def test_patching_something_else_keeps_it(connected: Flask, option: Option):
    change(connected, **{option.name: another(option)})
    other = next(other for other in ADMIN_OPTIONS.values() if other.name != option.name)
    assert (
        visit(connected).patch(CONFIG, json={camel(other.name): in_json(another(other))}).status_code == 200
    )
    assert stored(connected, option) == another(option)


@each_of_admins
def test_put_takes_it_and_gives_the_default_back_when_it_is_left_out(connected: Flask, option: Option):
    name, value = camel(option.name), in_json(another(option))
    body = {"accountSid": ACCOUNT_SID, "phoneNumber": NUMBER}
    assert visit(connected).put(CONFIG, json=body | {name: value}).json[name] == value
    assert stored(connected, option) == another(option)
    assert visit(connected).put(CONFIG, json=body).json[name] == in_json(option.default)
    assert stored(connected, option) == option.default


@each_of_admins
def test_the_openapi_document_explains_it(connected: Flask, option: Option):
    schemas = visit(connected).get("/api/sms/openapi.json").json["components"]["schemas"]
    name = camel(option.name)
    assert schemas["ChannelPatch"]["properties"][name]["description"] == option.help
    assert schemas["ChannelPut"]["properties"][name]["default"] == in_json(option.default)
    assert name in schemas["ChannelOut"]["properties"]


@each_of_admins
def test_a_conflict_shows_what_is_stored_now(connected: Flask, option: Option):
    form = form_of(connected, seen="")
    change(connected, **{option.name: another(option)})
    shown = BeautifulSoup(visit(connected).post(f"{PAGE}/settings", data=form).text, "html.parser")
    said = [found.parent.get_text(" ", strip=True) for found in shown.select("#settings strong")]
    assert any(text.startswith("Stored now:") for text in said), said


@each
def test_the_pipeline_works_with_it(connected: Flask, option: Option):
    change(connected, **{option.name: another(option)})
    with connected.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    assert getattr(channel.options, option.name) == another(option)
    assert isinstance(channel.options, ChannelOptions)
