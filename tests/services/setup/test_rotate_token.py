"""Rotating the Auth Token: at every step texts come in and answers go out."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.errors import Conflict, InvalidInput, RateLimited, TwilioError
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON, PER_WORKSPACE
from illumichat_sms_plugin.services.setup.rotate_token import add_next_token, drop_second_token, swap_tokens
from illumichat_sms_plugin.services.setup.save_channel import Outdated, disconnect
from tests.support.channels import OWNER, change, run_jobs, write
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed

OLD, NEW = seed.AUTH_TOKEN, seed.SECONDARY_AUTH_TOKEN
PATH = "/api/sms/webhook/ast_support"


def step(app: Flask, do: Any, *args: Any, by: Person = OWNER, **kwargs: Any) -> None:
    with app.app_context():
        runtime = current_runtime()
        do(runtime, runtime.host.assistants.find("ast_support"), *args, by=by, **kwargs)


def verifies(app: Flask, token: str, sender: str = TEXTER) -> bool:
    return bool(post_signed(app, PATH, inbound_form(From=sender), token=token).status_code == 200)


def test_at_no_step_of_a_rotation_a_text_is_lost(texting: Flask, twilio: Any):
    account = twilio.store.accounts[seed.ACCOUNT_SID]

    senders = (f"+1555765100{number}" for number in range(10))

    def answers(token: str) -> None:
        sender = next(senders)
        assert verifies(texting, token, sender)
        run_jobs(texting)
        assert len(twilio.messages(to=sender, created_by="api")) == 1

    answers(OLD)
    step(texting, add_next_token, Secret(NEW))
    answers(OLD)
    step(texting, swap_tokens)
    answers(OLD)  # Twilio still signs with the old one
    account.auth_token, account.secondary_auth_token = NEW, None  # promoted: the old one is dead
    answers(NEW)
    step(texting, drop_second_token)
    answers(NEW)
    assert not verifies(texting, OLD)


def test_a_token_that_twilio_does_not_know_is_not_kept(texting: Flask):
    with pytest.raises(InvalidInput, match="does not accept"):
        step(texting, add_next_token, Secret("0" * 32))
    assert not verifies(texting, "0" * 32)


@pytest.mark.parametrize("token", ["", "   ", "two words", OLD])
def test_what_cannot_be_the_next_token_is_refused(texting: Flask, token: str):
    with pytest.raises(InvalidInput) as caught:
        step(texting, add_next_token, Secret(token))
    assert set(caught.value.fields) == {"next_auth_token"}


def test_when_twilio_cannot_be_asked_nothing_is_changed(texting: Flask, twilio: Any):
    twilio.add_fault("outage", count=None, mode="503")
    with pytest.raises(TwilioError):
        step(texting, add_next_token, Secret(NEW))
    twilio.clear_faults()
    assert not verifies(texting, NEW)


def test_a_second_token_that_died_is_not_made_the_main_one(texting: Flask, twilio: Any):
    step(texting, add_next_token, Secret(NEW))
    twilio.store.accounts[seed.ACCOUNT_SID].secondary_auth_token = None
    with pytest.raises(InvalidInput):
        step(texting, swap_tokens)
    assert verifies(texting, OLD)


@pytest.mark.parametrize("do", [swap_tokens, drop_second_token])
def test_without_a_second_token_there_is_nothing_to_do(texting: Flask, do: Any):
    with pytest.raises(Conflict):
        step(texting, do)


def test_a_new_main_token_ends_the_attention_the_old_one_needed(texting: Flask):
    write(texting, SmsChannel, SmsChannel.id == 1, attention_code=20003)
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    with texting.app_context():
        assert read_settings(current_runtime(), "ast_support").attention_code is None


def test_every_step_leaves_an_audit_entry_without_tokens(texting: Flask):
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    step(texting, drop_second_token)
    with texting.app_context():
        entries = recent_entries(1)
    assert [entry.action for entry in entries][:3] == ["token_dropped", "token_swapped", "token_added"]
    assert OLD not in str(entries)
    assert NEW not in str(entries)


def test_what_was_encrypted_for_one_column_is_encrypted_anew_for_the_other(texting: Flask):
    """A ciphertext is bound to its column, so a swap cannot just move it."""
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    change(texting, max_message_length=200)
    assert verifies(texting, OLD)
    assert verifies(texting, NEW)


@pytest.mark.parametrize("do", [swap_tokens, drop_second_token])
def test_a_question_that_was_answered_for_another_state_changes_nothing(texting: Flask, do: Any):
    """Swapping twice by a double click would swap back."""
    step(texting, add_next_token, Secret(NEW))
    with pytest.raises(Outdated):
        step(texting, do, seen_version=1)
    assert verifies(texting, NEW)


@pytest.mark.usefixtures("one_period")
def test_tokens_are_not_tried_without_end_by_one_person(texting: Flask):
    for number in range(PER_PERSON):
        with pytest.raises(InvalidInput):
            step(texting, add_next_token, Secret(f"{number:032}"))
    with pytest.raises(RateLimited):
        step(texting, add_next_token, Secret(NEW))


@pytest.mark.usefixtures("one_period")
def test_tokens_are_not_tried_without_end_by_many_people_of_a_workspace(texting: Flask):
    for number in range(PER_WORKSPACE):
        with pytest.raises(InvalidInput):
            step(texting, add_next_token, Secret(f"{number:032}"), by=Person(f"usr_{number}", "Somebody"))
    with pytest.raises(RateLimited):
        step(texting, add_next_token, Secret(NEW), by=Person("usr_new", "One more"))
    assert not verifies(texting, NEW)


# How long a token that was replaced is good for


def until(app: Flask) -> float | None:
    """Seconds that the other token has left."""
    with app.app_context():
        return read_settings(current_runtime(), "ast_support").next_auth_token_left


def keep_house(app: Flask) -> int:
    with app.app_context():
        return run_once(current_runtime())["end replaced tokens"]


def test_a_token_that_has_yet_to_be_the_main_one_has_no_end(texting: Flask):
    step(texting, add_next_token, Secret(NEW))
    assert until(texting) is None
    assert keep_house(texting) == 0
    assert verifies(texting, NEW)


def test_a_replaced_token_verifies_for_24_hours_and_is_then_dropped(texting: Flask):
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    left = until(texting)
    assert left is not None
    assert 86400 - 60 < left <= 86400
    assert keep_house(texting) == 0
    write(texting, SmsChannel, SmsChannel.id == 1, next_auth_token_until=db_now(-1.0))
    assert keep_house(texting) == 1
    assert keep_house(texting) == 0, "once"
    assert not verifies(texting, OLD)
    assert verifies(texting, NEW)
    with texting.app_context():
        settings = read_settings(current_runtime(), "ast_support")
        newest = recent_entries(1)[0]
    assert not settings.has_next_auth_token
    assert (newest.action, newest.person_id) == ("token_dropped", "housekeeping")


def test_its_end_counts_though_nobody_keeps_house(texting: Flask):
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    # Within the time for which a process keeps a channel in memory, so that it is never believed for longer.
    write(texting, SmsChannel, SmsChannel.id == 1, next_auth_token_until=db_now(20.0))
    with texting.app_context():
        current_runtime().channels.forget_all()
    assert not verifies(texting, OLD)


def test_a_token_that_is_swapped_back_has_24_hours_too(texting: Flask):
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    write(texting, SmsChannel, SmsChannel.id == 1, next_auth_token_until=db_now(60.0))
    step(texting, swap_tokens)
    left = until(texting)
    assert left is not None
    assert left > 86000


def leave(app: Flask) -> None:
    with app.app_context():
        disconnect(current_runtime(), "ast_support", by=OWNER)


@pytest.mark.parametrize("end", [lambda app: step(app, drop_second_token), leave])
def test_with_the_token_its_end_is_gone(texting: Flask, end: Any):
    step(texting, add_next_token, Secret(NEW))
    step(texting, swap_tokens)
    end(texting)
    assert until(texting) is None
