"""What needs an admin is known though nobody texts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import LOOK_AT_UNREADABLE
from tests.services.reconcile.missed_texts import connected_long_ago, missed
from tests.support.channels import keep_house, run_jobs, sql, write
from tests.support.twilio_requests import text_in


@pytest.mark.parametrize(
    ("fault", "code"), [("rotated_token", 20003), ("suspended_account", 20005), ("outage", None)]
)
def test_a_channel_that_twilio_shuts_out_needs_attention_though_nobody_texts(
    texting: Flask, twilio: Any, fault: str, code: int | None
) -> None:
    twilio.add_fault(fault, count=None)
    keep_house(texting)
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() == code
    twilio.clear_faults()
    write(texting, SmsChannel, SmsChannel.id > 0, catch_up_at=None, look_at=db_now(-1.0))
    keep_house(texting)
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() is None


def test_being_let_in_mends_nothing_that_is_wrong_with_sending(texting: Flask, twilio: Any) -> None:
    write(texting, SmsChannel, SmsChannel.id > 0, attention_code=30034, catch_up_at=None)
    keep_house(texting)
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() == 30034


def test_after_a_missed_text_the_channel_needs_attention_until_one_comes_by_webhook(
    texting: Flask, twilio: Any
) -> None:
    from illumichat_sms_plugin.services.setup.channel_settings import read_settings

    def came_late() -> bool:
        with texting.app_context():
            return read_settings(current_runtime(), "ast_support").came_late

    connected_long_ago(texting)
    missed(twilio, "are you there?")
    assert not came_late()
    keep_house(texting)
    assert came_late()
    text_in(texting, "hello?")
    assert not came_late()


def test_when_the_right_key_is_back_texts_are_fetched_within_seconds(texting: Flask, make: Any) -> None:
    """Nothing is fetched for a channel whose credentials cannot be read, and looking at them costs nobody a call."""
    text_in(texting, "are you there?")
    run_jobs(make(SMS_ENCRYPTION_KEYS=[generate_key()]))
    assert sql(texting, "SELECT attention_code FROM sms_channels").scalar() == 20003
    with texting.app_context(), transaction() as connection:
        soon = SmsChannel.look_at <= db_now(LOOK_AT_UNREADABLE)
        assert connection.scalars(select(SmsChannel.id).where(soon)).all()
