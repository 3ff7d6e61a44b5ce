"""A stored signing key verifies webhooks in the place of the tokens."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections, recent_rejections
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey
from tests.support.apps import PUBLIC_URL
from tests.support.channels import change, write
from tests.support.twilio_requests import AUTH_TOKEN, inbound_form, post_signed

PATH = "/api/sms/webhook/ast_support"
SHARED = "shared-key-of-the-account-1234567890"
NEXT = "b" * 32


def token_verifies(app: Flask, token: str = AUTH_TOKEN) -> bool:
    return bool(post_signed(app, PATH, inbound_form(), token=token).status_code == 200)


def shared_key_verifies(app: Flask, secret: str = SHARED) -> bool:
    form = inbound_form()
    key = SigningKey("signing_key", Secret(secret), "HMAC_SHA256")
    headers = {
        "X-Twilio-Signature": sign(PUBLIC_URL + PATH, form.items(), key),
        "X-Twilio-Webhooks-Signature-Settings": "key=1,algorithm=HMAC_SHA256",
    }
    return bool(app.test_client().post(PATH, data=form, headers=headers).status_code == 200)


def settings(app: Flask) -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support")


def test_without_a_signing_key_the_tokens_verify(connected: Flask):
    change(connected, next_auth_token=NEXT)
    assert token_verifies(connected)
    assert token_verifies(connected, NEXT)
    assert not shared_key_verifies(connected)


def test_a_stored_signing_key_takes_the_place_of_every_token(connected: Flask):
    change(connected, next_auth_token=NEXT, signing_key=SHARED)
    assert shared_key_verifies(connected)
    assert not token_verifies(connected)
    assert not token_verifies(connected, NEXT)
    assert not settings(connected).token_verifies


def test_for_the_time_of_the_change_both_verify_and_not_for_longer_than_a_day(connected: Flask):
    change(connected, signing_key=SHARED, token_verifies=True)
    assert shared_key_verifies(connected)
    assert token_verifies(connected)
    left = settings(connected).token_verifies_left
    assert left is not None
    assert 86400 - 60 < left <= 86400
    write(connected, SmsChannel, SmsChannel.id == 1, token_verifies_until=db_now(20.0))
    with connected.app_context():
        current_runtime().channels.forget_all()
    assert not token_verifies(connected), "it would end while it is kept in memory"
    write(connected, SmsChannel, SmsChannel.id == 1, token_verifies_until=db_now(-1.0))
    assert not settings(connected).token_verifies


def test_saving_again_does_not_make_the_day_longer(connected: Flask):
    change(connected, signing_key=SHARED, token_verifies=True)
    write(connected, SmsChannel, SmsChannel.id == 1, token_verifies_until=db_now(3600.0))
    change(connected, max_message_length=200, token_verifies=True)
    left = settings(connected).token_verifies_left
    assert left is not None
    assert left <= 3600


def test_the_switch_is_turned_off_before_its_time(connected: Flask):
    change(connected, signing_key=SHARED, token_verifies=True)
    change(connected, token_verifies=False)
    assert not token_verifies(connected)
    assert settings(connected).token_verifies_until is None


def test_what_was_on_once_does_not_come_back_with_the_next_signing_key(connected: Flask):
    change(connected, signing_key=SHARED, token_verifies=True)
    change(connected, signing_key="")
    assert token_verifies(connected), "nothing else is there to verify with"
    change(connected, signing_key=SHARED)
    assert not token_verifies(connected)


def test_the_switch_says_nothing_without_a_signing_key(connected: Flask):
    version = settings(connected).version
    change(connected, token_verifies=True)
    assert settings(connected).version == version
    assert token_verifies(connected)


def test_a_signing_key_that_cannot_be_read_lets_no_token_in_its_place(connected: Flask):
    change(connected, signing_key=SHARED)
    write(connected, SmsChannel, SmsChannel.id == 1, signing_key="not readable")
    with connected.app_context():
        current_runtime().channels.forget_all()
    assert not token_verifies(connected)


def test_the_refusal_is_explained(connected: Flask):
    change(connected, signing_key=SHARED)
    assert not token_verifies(connected)
    with connected.app_context():
        flush_rejections(current_runtime())
        refused: Any = recent_rejections(1)[0]
    assert (refused.reason, refused.detail) == ("retired_key", "The Auth Token matches.")
