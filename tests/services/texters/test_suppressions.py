"""The opt-out of an erased texter stays in force, and nobody can tell whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.rotate_keys import rotate_keys
from illumichat_sms_plugin.services.texters import erase_texter as service
from tests.services.texters.erasing import erase
from tests.support.apps import KEY
from tests.support.channels import connect, inbound, run_jobs, sessions, sql
from tests.support.twilio_requests import TEXTER, text_in


def test_an_erased_opt_out_stays_in_force(talked: Flask) -> None:
    erase(talked)
    text_in(talked, "hello again")
    run_jobs(talked)
    assert sessions(talked)[0].opted_out_at is not None
    assert inbound(talked)[-1].no_reply_reason == "opted_out"


def test_start_ends_it_for_good(talked: Flask) -> None:
    erase(talked)
    text_in(talked, "START")
    assert sessions(talked)[0].opted_out_at is None
    erase(talked)
    text_in(talked, "hello again")
    assert sessions(talked)[0].opted_out_at is None


def test_nobody_else_is_opted_out_by_it(talked: Flask) -> None:
    erase(talked)
    text_in(talked, "hello", From="+15557650002")
    assert sessions(talked)[0].opted_out_at is None


def test_an_erased_texter_who_had_not_opted_out_starts_anew(texting: Flask) -> None:
    text_in(texting)
    erase(texting)
    text_in(texting)
    assert sessions(texting)[0].opted_out_at is None
    assert sql(texting, "SELECT count(*) FROM sms_suppressions").scalar() == 0


@pytest.fixture
def newer_key() -> Iterator[str]:
    yield generate_key()


def test_the_opt_out_outlives_a_rotation_of_the_encryption_keys(
    make: Callable[..., Flask], twilio: Any, newer_key: str
) -> None:
    old = make(SMS_TWILIO_API_URL=twilio.url)
    connect(old)
    text_in(old, "STOP")
    erase(old)
    both = make(SMS_TWILIO_API_URL=twilio.url, SMS_ENCRYPTION_KEYS=[newer_key, KEY])
    with both.app_context():
        rotate_keys(current_runtime())
    new = make(SMS_TWILIO_API_URL=twilio.url, SMS_ENCRYPTION_KEYS=[newer_key])
    connect(new)
    text_in(new, "hello again")
    assert sessions(new)[0].opted_out_at is not None


def test_a_lost_key_loses_the_opt_out_and_nothing_else(make: Callable[..., Flask], newer_key: str) -> None:
    old = make()
    connect(old)
    text_in(old, "STOP")
    erase(old)
    new = make(SMS_ENCRYPTION_KEYS=[newer_key])
    connect(new)
    text_in(new, "STOP")
    erase(new)
    text_in(new, "hello again")
    assert sessions(new)[0].opted_out_at is not None, "kept under a new key"


def test_a_process_with_an_older_copy_of_the_channel_honours_it_at_once(make: Callable[..., Flask]) -> None:
    here, elsewhere = make(), make()
    connect(here)
    text_in(elsewhere, "hello", From="+15557650002")
    text_in(here, "STOP")
    with here.app_context():
        stopped = next(row for row in sessions(here) if row.phone_number == TEXTER)
        service.erase_texter(current_runtime(), 1, stopped.id)
    text_in(elsewhere, "hello again")
    assert inbound(elsewhere)[-1].no_reply_reason == "opted_out"
