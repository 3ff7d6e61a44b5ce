"""Saving a connection: Twilio is asked whether the number is this account's, and nobody may try tokens that way."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.save_channel import Outdated
from tests.services.setup.saving import CREDENTIALS, WRONG_TOKEN, invalid, refused, save, stored
from tests.support.channels import change, connect
from tests.support.twilio_requests import NUMBER


def test_a_number_that_the_account_owns_is_saved(asking: Flask):
    saved = save(asking, **CREDENTIALS)
    assert saved.verdict.asked is Asked.OWNED
    assert saved.verdict.number and saved.verdict.number.phone_number == NUMBER
    assert stored(asking).is_connected


def test_a_number_of_somebody_else_is_something_to_attend_to(asking: Flask):
    """And it looks like one that does not exist."""
    for number in (seed.OTHER_NUMBER, "+15551239999"):
        assert refused(asking, **(CREDENTIALS | {"phone_number": number})) == 21606
    save(asking, phone_number=NUMBER)
    assert stored(asking).attention_code is None


def test_a_number_that_is_a_part_of_one_of_the_accounts_is_not_owned(asking: Flask, twilio: Any):
    """Twilio's filter finds a number anywhere inside another."""
    twilio.number(seed.SALES_NUMBER).phone_number = "+4915112345678"
    assert refused(asking, **(CREDENTIALS | {"phone_number": "+491511234567"})) == 21606


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"auth_token": WRONG_TOKEN}, 20003),
        ({"account_sid": "AC" + "f" * 32}, 20003),
        ({"account_sid": seed.TEST_ACCOUNT_SID, "auth_token": seed.TEST_AUTH_TOKEN}, 20008),
    ],
)
def test_credentials_that_twilio_refuses_are_something_to_attend_to(
    asking: Flask, given: dict[str, str], code: int
):
    assert refused(asking, **(CREDENTIALS | given)) == code
    assert stored(asking).is_connected


@pytest.mark.parametrize(
    ("fault", "how", "code"),
    [
        ("suspended_account", {"code": 20005}, 20005),
        ("suspended_account", {"code": 20003}, 20005),
        ("closed_account", {}, 20003),
    ],
)
def test_so_is_an_account_that_is_not_active(
    asking: Flask, twilio: Any, fault: str, how: dict[str, int], code: int
):
    """Twilio does not say what it owns."""
    twilio.add_fault(fault, account_sid=seed.ACCOUNT_SID, **how)
    assert refused(asking, **CREDENTIALS) == code


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("outage", {"mode": "503"}),
        ("outage", {"mode": "reset"}),
        ("too_many_requests", {"scope": "all"}),
        ("error_before_accepting", {"scope": "all"}),
    ],
)
def test_when_twilio_cannot_say_it_is_saved_and_said_that_it_was_not_checked(
    asking: Flask, twilio: Any, fault: str, how: dict[str, str]
):
    twilio.add_fault(fault, count=None, **how)
    assert save(asking, **CREDENTIALS).verdict.asked is Asked.NO_ANSWER
    assert stored(asking).is_connected


def test_a_twilio_that_is_not_there_does_not_keep_anybody_from_saving(make: Any):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        app = make(SMS_TWILIO_API_URL=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert save(app, **CREDENTIALS).verdict.asked is Asked.NO_ANSWER


def test_a_slow_twilio_is_waited_for_no_longer_than_the_timeouts(make: Any, twilio: Any):
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_TWILIO_CONNECT_TIMEOUT=0.2, SMS_TWILIO_READ_TIMEOUT=0.6)
    save(app, max_message_length=300)
    twilio.add_fault("slow_api", count=None, seconds=3)
    began = time.monotonic()
    assert save(app, **CREDENTIALS).verdict.asked is Asked.NO_ANSWER
    assert time.monotonic() - began < 2.5


def test_what_changes_options_only_asks_nobody(asking: Flask, twilio: Any):
    save(asking, enabled=False)
    save(asking, **CREDENTIALS)
    asked = len(twilio.store.requests)
    for changes in (
        {"max_message_length": 320, "guidelines": "Be kind."},
        {"account_sid": seed.ACCOUNT_SID, "phone_number": NUMBER, "enabled": True},
        {"auth_token": "", "apology": "Sorry!"},
        {"signing_key": "shared"},
    ):
        assert save(asking, **changes).verdict.asked is Asked.NOT_NEEDED
    assert len(twilio.store.requests) == asked


def test_another_number_is_asked_about_with_the_stored_token(asking: Flask, twilio: Any):
    connect(asking)
    assert save(asking, phone_number=seed.SALES_NUMBER).verdict.asked is Asked.OWNED
    twilio.add_fault("rotated_token", account_sid=seed.ACCOUNT_SID)
    assert refused(asking, phone_number=NUMBER) == 20003
    assert stored(asking).phone_number == NUMBER


def test_a_stored_token_that_cannot_be_read_has_to_be_entered_again(asking: Flask, twilio: Any, make: Any):
    connect(asking)
    other_keys = make(SMS_TWILIO_API_URL=twilio.url, SMS_ENCRYPTION_KEYS=[generate_key()])
    assert "again" in invalid(other_keys, phone_number=seed.SALES_NUMBER)["auth_token"]
    assert save(other_keys, auth_token=seed.AUTH_TOKEN).verdict.asked is Asked.OWNED


@pytest.mark.parametrize(
    "changes", [{"account_sid": seed.ACCOUNT_SID}, CREDENTIALS | {"phone_number": "five"}]
)
@pytest.mark.usefixtures("one_period")
def test_what_cannot_be_saved_anyway_asks_nobody_and_costs_nothing(
    asking: Flask, twilio: Any, changes: dict[str, str]
):
    for _ in range(PER_PERSON + 1):
        invalid(asking, **changes)
    assert not twilio.store.requests
    save(asking, **CREDENTIALS)


def test_an_outdated_save_asks_nobody(asking: Flask, twilio: Any):
    connect(asking)
    with pytest.raises(Outdated):
        save(asking, seen=0, **CREDENTIALS)
    assert not twilio.store.requests


def test_who_saves_while_twilio_is_asked_is_not_overwritten(asking: Flask, twilio: Any):
    """What Twilio was asked about would not be what is stored."""
    connect(asking)
    twilio.add_fault("slow_api", count=None, seconds=1)
    outcome: list[type[Exception]] = []

    def slowly() -> None:
        try:
            save(asking, phone_number=seed.SALES_NUMBER)
        except Outdated as error:
            outcome.append(type(error))

    thread = threading.Thread(target=slowly)
    thread.start()
    twilio.wait_for(lambda: twilio.store.requests or None)
    change(asking, max_message_length=100)
    thread.join(20)
    assert outcome == [Outdated]
    assert stored(asking).phone_number == NUMBER


def test_what_twilio_refused_stays_a_draft_until_it_agrees(asking: Flask, twilio: Any):
    wrong = CREDENTIALS | {"auth_token": WRONG_TOKEN}
    assert refused(asking, **wrong) == 20003
    assert refused(asking, **wrong) == 20003, "entered once more, it is asked about once more"
    assert save(asking, max_message_length=320).verdict.asked is Asked.NOT_NEEDED, "an option asks nobody"
    assert refused(asking, phone_number=NUMBER) == 20003, "a draft that is saved is asked about"
    assert stored(asking).options.max_message_length == 320
    save(asking, **CREDENTIALS)
    assert stored(asking).attention_code is None
    assert stored(asking).is_confirmed
