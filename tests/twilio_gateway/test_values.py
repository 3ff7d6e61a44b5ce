"""Values refuse what would be dangerous and do not show what is secret."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.values import (
    AccountInfo,
    Credentials,
    OwnedNumber,
    SigningKey,
)
from tests.support.listed_texts import listed_text

SID = "AC" + "0" * 32
KEY_SID = "SK" + "1" * 32


@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_empty_credentials_are_refused(value: str):
    """Twilio's library would take the ones of the process instead."""
    with pytest.raises(InvalidInput) as missing_sid:
        Credentials(value, Secret("token"))
    with pytest.raises(InvalidInput) as missing_token:
        Credentials(SID, Secret(value))
    assert set(missing_sid.value.fields) == {"account_sid"}
    assert set(missing_token.value.fields) == {"auth_token"}


@pytest.mark.parametrize("value", [" abc", "abc ", "a b", "abc\n", "a-b", "tok…en", "../AC1", "ab?c", "é"])
def test_credentials_with_what_neither_ever_holds_are_refused(value: str):
    for account_sid, secret, key in (
        (value, "token", None),
        (SID, value, None),
        (SID, "secret", value),
        (SID, value, KEY_SID),
    ):
        with pytest.raises(InvalidInput) as refused:
            Credentials(account_sid, Secret(secret), key)
        assert value not in str(refused.value)


def test_an_api_key_logs_in_in_its_own_name_for_the_account():
    assert Credentials(SID, Secret("token")).username == SID
    key = Credentials(SID, Secret("secret"), KEY_SID)
    assert (key.account_sid, key.username) == (SID, KEY_SID)


@pytest.mark.parametrize(
    ("secret", "key", "field"),
    [("", None, "auth_token"), ("", KEY_SID, "api_key_secret"), ("secret", "", "api_key_sid")],
)
def test_what_is_missing_is_named(secret: str, key: str | None, field: str):
    with pytest.raises(InvalidInput) as missing:
        Credentials(SID, Secret(secret), key)
    assert set(missing.value.fields) == {field}


def test_an_empty_signing_key_is_refused():
    with pytest.raises(InvalidInput):
        SigningKey("auth_token", Secret(""))


def test_a_signing_key_of_an_unknown_algorithm_is_refused():
    with pytest.raises(InvalidInput):
        SigningKey("auth_token", Secret("secret"), "HMAC_MD5")  # type: ignore[arg-type]


def test_no_repr_shows_a_secret_a_number_or_a_text():
    shown = repr(
        [
            Credentials(SID, Secret("s3cr3t0")),
            Credentials(SID, Secret("s3cr3t2"), KEY_SID),
            SigningKey("signing_key", Secret("s3cr3t1")),
            AccountInfo(SID, "owner@example.com", "active", "Full"),
            listed_text(body="my doctor says"),
            OwnedNumber("PN1", "+15551230003", "+1 555 123 0003", True, True, None, None, None, None),
        ]
    )
    for hidden in ("s3cr3t", "owner@", "+1", "doctor"):
        assert hidden not in shown
    for kept in (SID, "signing_key", "SM1", "received", "PN1"):
        assert kept in shown
