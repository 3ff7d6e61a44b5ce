"""Test Credentials, webhook and tokens, through the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON
from tests.blueprints.pages.settings_page.sms_page import (
    CREDENTIALS,
    PAGE,
    other_admin_saves,
    page,
    post,
    said,
    stored,
)
from tests.support.channels import connect
from tests.support.twilio_requests import NUMBER, text_in
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_testing_says_what_was_found_and_saves_nothing(make: Any, twilio: Any):
    app = make(SMS_TWILIO_API_URL=twilio.url)
    answer = post(app, "settings/test", **CREDENTIALS)
    said = page(answer).select_one("#sms-test-result").get_text(" ", strip=True)
    for words in ("These credentials work", seed.ACCOUNT_NAME, "42.50 USD", f"owns {NUMBER}", "can do SMS"):
        assert words in said
    assert stored(app).version == 0


def test_for_htmx_a_test_answers_with_the_result_alone(make: Any, twilio: Any):
    app = make(SMS_TWILIO_API_URL=twilio.url)
    form = form_of(app, **CREDENTIALS)
    answer = visit(app).post(f"{PAGE}/settings/test", data=form, headers={"HX-Request": "true"})
    assert "These credentials work" in answer.text
    assert "<html" not in answer.text


def test_a_number_is_picked_without_javascript(make: Any, twilio: Any):
    app = make(SMS_TWILIO_API_URL=twilio.url)
    answer = post(app, "settings/test", **(CREDENTIALS | {"phone_number": ""}), pick=seed.SALES_NUMBER)
    assert page(answer).select_one("#phone_number")["value"] == seed.SALES_NUMBER


@pytest.mark.parametrize("connected_before", [False, True])
def test_a_number_is_picked_on_the_page_that_came_back_without_the_token(
    app: Flask, twilio: Any, connected_before: bool
):
    if connected_before:
        connect(app)
    asked = len(twilio.store.requests)
    answer = post(
        app, "settings/test", **(CREDENTIALS | {"auth_token": "", "phone_number": ""}), pick=seed.SALES_NUMBER
    )
    assert answer.status_code == 200
    shown = page(answer)
    assert shown.select_one("#phone_number")["value"] == seed.SALES_NUMBER
    said = shown.select_one("#auth_token-wrong")
    assert ("once more" in said.text) if not connected_before else said is None
    assert len(twilio.store.requests) == asked


@pytest.mark.usefixtures("one_period")
def test_testing_too_often_says_when_to_try_again(texting: Flask):
    for _ in range(PER_PERSON):
        answer = post(texting, "settings/test")
    answer = post(texting, "settings/test")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Try again in" in page(answer).select_one("#sms-test-result").text


def test_the_webhook_is_shown_asked_about_and_set(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, "https://crm.example.net/sms")
    shown = page(visit(texting).get(f"{PAGE}/settings/webhook"))
    assert "go to https://crm.example.net/sms" in shown.text
    refused = visit(texting).post(f"{PAGE}/settings/webhook")
    assert refused.status_code == 409
    assert page(refused).select_one("input[name=replaces]")["value"] == "https://crm.example.net/sms"
    answer = visit(texting).post(f"{PAGE}/settings/webhook", data={"replaces": "https://crm.example.net/sms"})
    said = page(answer).get_text(" ", strip=True)
    assert (
        "Before https://crm.example.net/sms After https://chat.example.com/api/sms/webhook/ast_support#rc=3"
        in said
    )


def test_the_page_hands_out_the_urls_with_twilios_retry_rules(app: Flask):
    shown = page(visit(app).get(PAGE))
    base = "https://chat.example.com/api/sms"
    assert shown.select_one("#inbound-url")["value"] == f"{base}/webhook/ast_support#rc=3&rp=5xx,ct,rt"
    assert shown.select_one("#status-url")["value"] == f"{base}/status/ast_support#rc=3&rp=5xx,ct,rt"


def test_a_token_is_rotated_through_the_page(texting: Flask):
    """Each step that takes something away asks first, and works without JavaScript."""
    client = visit(texting)
    wrong = client.post(f"{PAGE}/settings/token", data={"next_auth_token": "0" * 32})
    assert wrong.status_code == 422
    assert "does not accept" in page(wrong).select_one("#token [role=alert]").text
    assert (
        client.post(f"{PAGE}/settings/token", data={"next_auth_token": seed.SECONDARY_AUTH_TOKEN}).status_code
        == 303
    )
    assert "accepts the second token" in said(texting, client)
    for step, title, done in (
        ("main", "Make the new token the main one?", "sent with the other token"),
        ("drop", "Drop the old token?", "second token is gone"),
    ):
        question = page(client.get(f"{PAGE}/settings/token/{step}"))
        assert question.select_one("h1").text == title
        form = question.select_one("form[method=post]")
        fields = {field["name"]: field["value"] for field in form.select("input[name]")}
        assert client.post(str(form["action"]).partition("#")[0], data=fields).status_code == 303
        assert done in said(texting, client)
    assert not stored(texting).has_next_auth_token


def test_the_page_says_which_token_is_the_main_one_and_since_when(texting: Flask):
    def card() -> str:
        return " ".join(page(visit(texting).get(PAGE)).select_one("#token").get_text(" ").split())

    assert re.search(r"One token is stored: entered .+ by Olivia Owner ?, the main one since then", card())
    client = visit(texting)
    client.post(f"{PAGE}/settings/token", data={"next_auth_token": seed.SECONDARY_AUTH_TOKEN})
    assert re.search(r"Main token The old one: entered .+ by Olivia Owner ?, the main one since then", card())
    assert re.search(r"Second token The new one: entered .+ by Ada Admin", card())
    client.post(f"{PAGE}/settings/token/main", data={"version": str(stored(texting).version)})
    assert re.search(r"Main token The new one: entered .+ by Ada Admin ?, the main one since ", card())
    assert re.search(r"Second token The old one: entered .+ by Olivia Owner", card())


@pytest.mark.parametrize("step", ["main", "drop"])
def test_a_step_of_a_rotation_needs_the_question_that_was_answered(texting: Flask, step: str):
    client = visit(texting)
    assert client.get(f"{PAGE}/settings/token/{step}").status_code == 409, "there is no second token"
    client.post(f"{PAGE}/settings/token", data={"next_auth_token": seed.SECONDARY_AUTH_TOKEN})
    before = stored(texting)
    for data, status in (({}, 400), ({"version": "x"}, 400), ({"version": "1"}, 409)):
        assert client.post(f"{PAGE}/settings/token/{step}", data=data).status_code == status
    assert stored(texting) == before


@pytest.mark.usefixtures("one_period")
def test_tokens_entered_too_often_say_when_again_in_their_card(texting: Flask):
    for _ in range(PER_PERSON):
        visit(texting).post(f"{PAGE}/settings/token", data={"next_auth_token": "0" * 32})
    answer = visit(texting).post(f"{PAGE}/settings/token", data={"next_auth_token": "0" * 32})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Try again in" in page(answer).select_one("#token [role=alert]").text


def test_disconnecting_asks_first_and_keeps_the_history(connected: Flask):
    text_in(connected)
    question = page(visit(connected).get(f"{PAGE}/settings/disconnect"))
    assert NUMBER in question.select_one("h1").text
    assert "are kept" in question.text
    version = question.select_one("[name=version]")["value"]
    answer = visit(connected).post(f"{PAGE}/settings/disconnect", data={"version": version})
    assert answer.status_code == 303
    assert not stored(connected).is_connected
    assert visit(connected).get(f"{PAGE}/settings/disconnect").status_code == 404


def test_an_admin_sees_who_changed_what(connected: Flask):
    other_admin_saves(connected, max_message_length=160)
    shown = " ".join(page(visit(connected).get(PAGE)).select_one("#changes").get_text(" ").split())
    assert "Bea <b>Other</b> changed the settings" in shown
    assert "Max Message Length: 1600 → 160" in shown
