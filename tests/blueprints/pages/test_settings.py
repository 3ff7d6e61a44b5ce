"""The SMS page: what it says, what it saves, and what it never shows."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from demo.twilio_simulator import seed
from illumichat_sms_plugin.channel_options import DEFAULT_GUIDELINES
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, SmsMessage
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import record
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON
from illumichat_sms_plugin.services.setup.save_channel import save_channel
from tests.support.channels import change, changes_of, connect, text_of, write
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, text_in
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = "/sms/ast_support"
CREDENTIALS = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_number": NUMBER}


@pytest.fixture
def app(make: Any, twilio: Any) -> Flask:
    """An app that asks the simulated Twilio; nothing is connected."""
    found: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return found


def page(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def post(app: Flask, path: str = "settings", **fields: Any) -> TestResponse:
    return visit(app).post(f"{PAGE}/{path}", data=form_of(app, **fields))


def stored(app: Flask) -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support")


def test_a_new_page_says_what_is_needed_and_where_to_find_it(app: Flask):
    text = page(visit(app).get(PAGE)).get_text(" ", strip=True)
    for words in ("Not connected", "free trial", "console.twilio.com", "Account SID", "Auth Token"):
        assert words in text


def test_every_field_has_a_label_and_help(app: Flask):
    found = page(visit(app).get(PAGE))
    for field in found.select("#settings input:not([type=hidden]), #settings textarea"):
        assert found.select_one(f"label[for={field['id']}]"), field
        for described in str(field["aria-describedby"]).split():
            assert found.select_one(f"#{described}").get_text(strip=True), field


def said(app: Flask, client: Any = None) -> str:
    """What the page says that was done; nothing for nothing."""
    shown = page((client or visit(app)).get(PAGE))
    return " ".join(shown.select_one("#sms-done").get_text(" ").split())


def saved(app: Flask, **fields: Any) -> Any:
    """Save the form; the client that did."""
    client = visit(app)
    answer = client.post(f"{PAGE}/settings", data=form_of(app, **fields))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}#sms-done"), answer.text
    return client


def test_saving_connects_and_leads_on_to_the_webhook(app: Flask):
    client = saved(app, **CREDENTIALS)
    assert "One step is left" in said(app, client)
    assert text_in(app).status_code == 200


def test_what_was_done_is_said_once(app: Flask):
    """After a reload, a step that was left may have been done."""
    client = saved(app, **CREDENTIALS)
    assert "One step is left" in said(app, client)
    assert said(app, client) == ""


def test_a_note_is_for_the_page_of_its_assistant_only(app: Flask):
    client = saved(app, **CREDENTIALS)
    assert "One step" not in client.get("/sms/ast_sales").text
    assert "One step is left" in said(app, client)


@pytest.mark.parametrize("note", ["<script>", "unknown", ""])
def test_a_note_that_is_none_of_ours_says_nothing(connected: Flask, note: str):
    client = visit(connected)
    client.set_cookie("sms_done", note, path=PAGE)
    assert said(connected, client) == ""


def test_no_step_is_left_when_the_webhook_points_here_already(app: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, "https://chat.example.com/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")
    words = said(app, saved(app, **CREDENTIALS))
    assert "points here already" in words
    assert "One step" not in words


def test_setting_the_webhook_takes_back_that_it_is_left_to_do(texting: Flask):
    """With htmx the page stays, and its note with it."""
    htmx = {"HX-Request": "true"}
    before = page(visit(texting).get(f"{PAGE}/settings/webhook", headers=htmx))
    assert not before.select("[hx-swap-oob]")
    after = page(visit(texting).post(f"{PAGE}/settings/webhook", headers=htmx))
    assert after.select_one("#sms-done[hx-swap-oob=innerHTML]").text == ""
    assert not page(visit(texting).get(f"{PAGE}/settings/webhook")).select("#sms-done")


def test_what_twilio_refuses_is_saved_and_said(app: Flask):
    words = said(app, saved(app, **(CREDENTIALS | {"phone_number": seed.OTHER_NUMBER})))
    assert words.startswith("Saved. But Twilio refuses")
    assert "One step" not in words
    shown = page(visit(app).get(PAGE))
    assert shown.select_one(".sms-badge").text == "Draft"
    assert "is not in use yet" in shown.select_one("#sms-state-title").text
    assert "not on the account" in shown.text
    assert "Until then its texts are refused and the assistant is not asked" in shown.text


def test_after_a_mistake_is_mended_the_webhook_is_still_the_next_step(app: Flask):
    assert "Twilio refuses" in said(app, saved(app, **(CREDENTIALS | {"auth_token": "0" * 32})))
    assert "One step is left: set the webhook" in said(app, saved(app, **CREDENTIALS))


def test_without_an_answer_of_twilio_it_is_a_draft_and_said_when_twilio_is_asked_again(
    app: Flask, twilio: Any
):
    twilio.add_fault("outage", count=None, mode="503")
    assert "a draft until it can be" in said(app, saved(app, **CREDENTIALS))
    assert "asked again within a minute" in said(app, saved(app, phone_number=seed.SALES_NUMBER))
    assert stored(app).phone_number == seed.SALES_NUMBER


def test_saving_tokens_too_often_says_when_again_and_loses_nothing(connected: Flask):
    for number in range(PER_PERSON):
        assert post(connected, auth_token=f"{number:032}").status_code == 303
    form = form_of(connected, auth_token="f" * 32, apology="Sorry for that!", max_message_length="320")
    answer = visit(connected).post(f"{PAGE}/settings", data=form)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    shown = page(answer)
    alert = shown.select_one("#settings [role=alert]").get_text(" ", strip=True)
    assert "Nothing was saved." in alert
    assert "Try again in" in alert
    assert "Enter the Auth Token" in alert
    assert "Sorry for that!" in shown.select_one("#apology").text
    assert shown.select_one("#max_message_length")["value"] == "320"
    assert post(connected, max_message_length="320").status_code == 303


def test_what_was_typed_comes_back_with_what_is_wrong(app: Flask):
    answer = post(app, **(CREDENTIALS | {"account_sid": "AC<b>", "max_message_length": "20"}))
    assert answer.status_code == 422
    shown = page(answer)
    assert shown.select_one("#account_sid")["value"] == "AC<b>"
    assert shown.select_one("#account_sid")["aria-invalid"] == "true"
    assert shown.select_one("#max_message_length")["value"] == "20"
    wrong = shown.select_one("#max_message_length-wrong").text
    assert "at least 50" in wrong
    assert "1600" not in wrong
    assert not shown.select_one("#max_message_length-meaning").text
    assert not stored(app).is_connected


@pytest.mark.parametrize(
    ("length", "words"),
    [
        ("", "Enter a number"),
        ("abc", "Enter a number"),
        ("-1", "Enter a number"),
        ("1e3", "Enter a number"),
        ("٣٢٠", "Enter a number"),
        ("49", "at least 50"),
        ("1601", "at most 1600"),
        ("9" * 30, "at most 1600"),
    ],
)
def test_a_length_that_is_none_is_refused_in_words(connected: Flask, length: str, words: str):
    answer = post(connected, max_message_length=length)
    assert answer.status_code == 422
    assert words in page(answer).select_one("#max_message_length-wrong").text
    assert stored(connected).options.max_message_length == 1600


def test_saving_the_page_as_it_is_changes_nothing(connected: Flask):
    change(connected, contact_matching=True, guidelines="Be brief.", opt_out_words=("ARRET", "PARAR"))
    before = stored(connected)
    assert post(connected).status_code == 303
    after = stored(connected)
    assert (after.account_sid, after.phone_number) == (before.account_sid, before.phone_number)
    assert (after.options, after.version) == (before.options, before.version)
    assert text_in(connected).status_code == 200


def test_the_default_guidelines_are_shown_and_are_not_stored_as_ones_own(connected: Flask):
    assert (
        DEFAULT_GUIDELINES.splitlines()[1] in page(visit(connected).get(PAGE)).select_one("#guidelines").text
    )
    post(connected, guidelines=DEFAULT_GUIDELINES.replace("\n", "\r\n"))
    assert stored(connected).options.guidelines is None
    post(connected, guidelines="Sign off with Acme.")
    assert stored(connected).options.guidelines == "Sign off with Acme."
    post(connected, guidelines="")
    assert stored(connected).options.guidelines is None


def test_turning_off_keeps_everything(connected: Flask):
    post(connected, enabled=None)
    found = stored(connected)
    assert (found.options.enabled, found.is_connected, found.phone_number) == (False, True, NUMBER)
    assert "Off" in page(visit(connected).get(PAGE)).select_one(".sms-badge").text


def test_the_length_is_explained_in_segments_without_javascript(connected: Flask):
    change(connected, max_message_length=306)
    words = page(visit(connected).get(PAGE)).select_one("#max_message_length-meaning").text
    assert "306 characters is up to 2 segments, or up to 5" in words


# Two admins


def other_admin_saves(app: Flask, **changes: Any) -> None:
    with app.app_context():
        save_channel(
            current_runtime(),
            "ast_support",
            changes_of(changes),
            by=Person("usr_2", "Bea <b>Other</b>"),
        )


def test_two_admins_saving_at_once_do_not_overwrite_unseen(connected: Flask):
    form = form_of(connected, max_message_length="320", apology="Sorry!")
    other_admin_saves(connected, max_message_length=160)
    answer = visit(connected).post(f"{PAGE}/settings", data=form)
    assert answer.status_code == 409
    shown = page(answer)
    assert stored(connected).options.max_message_length == 160
    assert "Bea <b>Other</b> saved while you were editing" in shown.select_one("#settings [role=alert]").text
    assert shown.select_one("#max_message_length")["value"] == "320"
    assert "Sorry!" in shown.select_one("#apology").text
    assert "Stored now: 160" in " ".join(shown.select_one("#settings").get_text(" ").split())


def test_who_only_ran_the_doctor_since_is_not_named_as_the_one_who_saved(connected: Flask):
    form = form_of(connected, max_message_length="320")
    other_admin_saves(connected, max_message_length=160)
    channel_id = stored(connected).id
    assert channel_id is not None
    with connected.app_context(), transaction() as connection:
        record(connection, channel_id, Person("usr_3", "Cem"), "doctor_run")
    alert = (
        page(visit(connected).post(f"{PAGE}/settings", data=form)).select_one("#settings [role=alert]").text
    )
    assert "Bea" in alert
    assert "Cem" not in alert


def test_after_the_warning_saving_again_replaces_knowingly(connected: Flask):
    form = form_of(connected, max_message_length="320")
    other_admin_saves(connected, max_message_length=160)
    shown = page(visit(connected).post(f"{PAGE}/settings", data=form))
    again = form | {"version": shown.select_one("[name=version]")["value"]}
    assert visit(connected).post(f"{PAGE}/settings", data=again).status_code == 303
    assert stored(connected).options.max_message_length == 320


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 20])
def test_a_form_without_the_version_that_was_seen_is_not_saved(connected: Flask, version: str):
    answer = visit(connected).post(
        f"{PAGE}/settings", data=form_of(connected, max_message_length="320") | {"version": version}
    )
    assert answer.status_code == 400
    assert stored(connected).options.max_message_length == 1600


def test_a_number_in_use_is_refused_without_telling_whose_it_is(connected: Flask):
    answer = visit(connected).post(
        "/sms/ast_sales/settings", data=form_of(connected, "ast_sales", **CREDENTIALS)
    )
    assert answer.status_code == 409
    shown = page(answer)
    assert "already in use" in shown.select_one("#phone_number-wrong").text
    assert "Acme Support" not in shown.select_one("#settings").text


# Secrets


def test_no_page_ever_holds_a_secret(make: Any, twilio: Any, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    app = make(SMS_TWILIO_API_URL=twilio.url)
    secrets = [
        AUTH_TOKEN,
        seed.SECONDARY_AUTH_TOKEN,
        "sharedkey0123456789",
        "typed0but0wrong0000000000000000",
    ]
    answers = [
        post(app, **(CREDENTIALS | {"signing_key": secrets[2], "phone_number": "wrong"})),
        post(app, "settings/test", **CREDENTIALS, signing_key=secrets[2]),
        post(app, "settings/test", **(CREDENTIALS | {"auth_token": secrets[3]})),
        post(app, **CREDENTIALS, signing_key=secrets[2]),
        visit(app).post(f"{PAGE}/settings/token", data={"next_auth_token": secrets[1]}),
        visit(app).post(f"{PAGE}/settings/token", data={"next_auth_token": secrets[3]}),
        visit(app).get(f"{PAGE}/settings/token/main"),
        visit(app).post(f"{PAGE}/settings/token/main", data={"version": "3"}),
        visit(app).get(PAGE),
        visit(app).get(f"{PAGE}/settings/webhook"),
        visit(app).get(f"{PAGE}/settings/disconnect"),
        visit(app).get("/api/sms/config/ast_support"),
        visit(app).patch("/api/sms/config/ast_support", json={"authToken": secrets[3] + "!", "enabled": 1}),
        visit(app).post("/api/sms/config/ast_support/test", json={"accountSid": ACCOUNT_SID}),
    ]
    seen = "\n".join(f"{answer.headers}{answer.text}" for answer in answers) + caplog.text
    for secret in secrets:
        assert secret not in seen
    for row in text_of(app, "sms_channels"), text_of(app, "sms_audit_entries"):
        for secret in secrets:
            assert secret not in row


def test_the_account_name_of_a_stranger_is_shown_as_text(make: Any, twilio: Any):
    twilio.store.accounts[ACCOUNT_SID].friendly_name = "<script>alert(1)</script>{{ 7*7 }}"
    app = make(SMS_TWILIO_API_URL=twilio.url)
    answer = post(app, "settings/test", **CREDENTIALS)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in answer.text


def test_every_page_forbids_script_and_style_from_elsewhere(connected: Flask):
    for path in ("", "/settings/disconnect"):
        answer = visit(connected).get(PAGE + path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        shown = page(answer)
        assert not shown.select("[style], style, script:not([src])")
        assert not re.search(r"\son[a-z]+=", answer.text)
        for element in shown.select("script[src], link[href][rel=stylesheet], img[src]"):
            assert str(element.get("src") or element.get("href")).startswith("/")


# Test Credentials, webhook, token: through the page


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


# The card


def card(app: Flask, visitor: str = "admin", assistant_id: str = "ast_support") -> str:
    visit(app, visitor)
    *_, render = app.extensions["illumichat_sms"].host.pages.slots["assistant.channels.card"]
    with app.test_request_context():
        return str(render(assistant_id=assistant_id, anything_else="ignored"))


def test_the_card_says_the_state_and_leads_to_the_page(app: Flask):
    assert "Not connected" in card(app)
    connect(app)
    assert f"No text to {NUMBER} has come in yet" in card(app)
    assert f'href="{PAGE}"' in card(app)
    change(app, enabled=False)
    assert "Off" in card(app)


def test_the_card_says_what_needs_attention(connected: Flask):
    write_channel(connected, attention_code=20003)
    assert "Needs attention" in card(connected)
    assert "20003" in card(connected)


def test_the_card_counts_replies_that_wait_for_a_decision(texting: Flask):
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id == 1, direction="outbound", send_state="unsettled")
    assert "1 reply may or may not" in card(texting)
    link = BeautifulSoup(visit(texting).get(PAGE).text, "html.parser").find("a", string="Show what waits")
    assert "1 session" in visit(texting).get(link["href"]).text  # type: ignore[index]


def test_a_token_that_no_key_opens_needs_attention(connected: Flask, make: Any):
    other_keys = make(SMS_ENCRYPTION_KEYS=[generate_key()])
    assert "cannot be read any more" in card(other_keys)
    assert visit(other_keys).get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("visitor", "sees"), [("member", True), ("guest", False), ("stranger", False), ("other admin", False)]
)
def test_members_see_the_state_only_and_others_nothing(connected: Flask, visitor: str, sees: bool):
    shown = card(connected, visitor)
    assert bool(shown) is sees
    assert NUMBER not in shown


def write_channel(app: Flask, **values: Any) -> None:
    write(app, SmsChannel, SmsChannel.assistant_id == "ast_support", **values)
