"""The SMS page: what it says, and what it saves."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.default_words import DEFAULT_GUIDELINES
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON
from tests.blueprints.pages.settings_page.sms_page import (
    CREDENTIALS,
    PAGE,
    page,
    post,
    said,
    saved,
    stored,
)
from tests.support.channels import change
from tests.support.twilio_requests import NUMBER, text_in
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    assert "is not in use yet" in shown.select_one("#sms-top-title").text
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


@pytest.mark.usefixtures("one_period")
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
