"""Two admins at the same settings, and two who want the same number."""

from __future__ import annotations

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.audit import record
from tests.blueprints.pages.settings_page.sms_page import (
    CREDENTIALS,
    PAGE,
    other_admin_saves,
    page,
    stored,
)
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


def test_what_only_the_other_changed_stays_and_nobody_is_asked(connected: Flask):
    form = form_of(connected, apology="Sorry!")
    other_admin_saves(connected, max_message_length=160, signing_key="sharedkey0123456789")
    assert visit(connected).post(f"{PAGE}/settings", data=form).status_code == 303
    found = stored(connected)
    assert (found.options.max_message_length, found.options.apology) == (160, "Sorry!")
    assert found.has_signing_key


def test_in_a_conflict_what_was_not_touched_shows_what_is_stored(connected: Flask):
    form = form_of(connected, max_message_length="320")
    other_admin_saves(connected, max_message_length=160, apology="Sorry!")
    shown = page(visit(connected).post(f"{PAGE}/settings", data=form))
    assert "Sorry!" in shown.select_one("#apology").text
    assert "Max Message Length" in shown.select_one("#settings [role=alert]").text


def test_a_token_that_both_entered_is_asked_about(connected: Flask):
    form = form_of(connected, auth_token="1" * 32)
    other_admin_saves(connected, auth_token="2" * 32)
    answer = visit(connected).post(f"{PAGE}/settings", data=form)
    assert answer.status_code == 409
    assert "You both changed a token or key" in page(answer).select_one("#settings [role=alert]").text


@pytest.mark.parametrize("seen", ["", "max_message_length=" + "0" * 16, "=", "x" * 20_000])
def test_a_form_that_does_not_know_what_it_was_shown_replaces_nothing_unasked(connected: Flask, seen: str):
    form = form_of(connected, seen=seen)
    other_admin_saves(connected, max_message_length=160)
    assert visit(connected).post(f"{PAGE}/settings", data=form).status_code == 409
    assert stored(connected).options.max_message_length == 160


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
    again = form | {name: shown.select_one(f"[name={name}]")["value"] for name in ("version", "seen")}
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
