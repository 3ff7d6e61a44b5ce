"""Secrets at rest: only the right key and the right place read them."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from illumichat_sms_plugin.encryption import SecretBox, generate_key
from illumichat_sms_plugin.errors import SecretUnreadable, StartRefused
from illumichat_sms_plugin.secret import Secret

OLD, NEW, FOREIGN = generate_key(), generate_key(), generate_key()
PLACE = "ast_support/auth_token"

text = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=25)
@given(text, text)
def test_what_was_encrypted_is_read_again_in_the_same_place(secret: str, place: str):
    box = SecretBox([NEW])
    assert box.decrypt(box.encrypt(Secret(secret), context=place), context=place) == Secret(secret)


def test_a_ciphertext_moved_to_another_row_or_column_is_unreadable():
    token = SecretBox([NEW]).encrypt(Secret("t0ken"), context=PLACE)
    for elsewhere in ("ast_sales/auth_token", "ast_support/signing_key", "", PLACE + " "):
        with pytest.raises(SecretUnreadable):
            SecretBox([NEW]).decrypt(token, context=elsewhere)


def test_a_context_cannot_be_imitated_by_a_longer_secret():
    """``a`` + ``b/secret`` is not ``a/b`` + ``secret``."""
    token = SecretBox([NEW]).encrypt(Secret("b/secret"), context="a")
    with pytest.raises(SecretUnreadable):
        SecretBox([NEW]).decrypt(token, context="a/b")


def test_the_same_secret_never_gives_the_same_ciphertext():
    box = SecretBox([NEW])
    assert box.encrypt(Secret("t0ken"), context=PLACE) != box.encrypt(Secret("t0ken"), context=PLACE)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "gAAAAA",
        "not a token",
        "ключ",
        "\x00",
        "\ud800",
        Fernet(FOREIGN).encrypt(b'["ast_support/auth_token", "x"]').decode(),
        Fernet(NEW).encrypt(b"no json").decode(),
        Fernet(NEW).encrypt(b"5").decode(),
        Fernet(NEW).encrypt(b'"ab"').decode(),
        Fernet(NEW).encrypt(b'["ast_support/auth_token"]').decode(),
        Fernet(NEW).encrypt(b"\xff").decode(),
    ],
    ids=lambda token: ascii(token[:6]),  # tokens differ from run to run; the names of tests must not
)
def test_an_odd_token_is_unreadable_and_never_a_traceback(token: str):
    box = SecretBox([NEW, OLD])
    with pytest.raises(SecretUnreadable):
        box.decrypt(token, context=PLACE)


def test_a_damaged_token_is_unreadable():
    token = SecretBox([NEW]).encrypt(Secret("t0ken"), context=PLACE)
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[20] ^= 1
    with pytest.raises(SecretUnreadable):
        SecretBox([NEW]).decrypt(base64.urlsafe_b64encode(raw).decode(), context=PLACE)


def test_keys_rotate_newest_first():
    token = SecretBox([OLD]).encrypt(Secret("t0ken"), context=PLACE)
    both = SecretBox([NEW, OLD])
    assert both.decrypt(token, context=PLACE) == Secret("t0ken")
    assert not both.is_current(token)

    renewed = both.reencrypt(token, context=PLACE)
    assert both.is_current(renewed)
    assert SecretBox([NEW]).decrypt(renewed, context=PLACE) == Secret("t0ken")
    with pytest.raises(SecretUnreadable):
        SecretBox([OLD]).decrypt(renewed, context=PLACE)


def test_a_token_of_another_place_is_not_reencrypted():
    box = SecretBox([NEW, OLD])
    token = SecretBox([OLD]).encrypt(Secret("t0ken"), context=PLACE)
    with pytest.raises(SecretUnreadable):
        box.reencrypt(token, context="elsewhere")


@pytest.mark.parametrize("token", ["", "nonsense", "ключ", "\ud800"])
def test_an_unreadable_token_is_not_current(token: str):
    assert not SecretBox([NEW]).is_current(token)


@pytest.mark.parametrize("keys", [[], [""], ["too-short"], [NEW, "schlüssel"], [NEW[:-4]], [NEW, ""]])
def test_missing_and_wrong_keys_stop_the_start_without_being_shown(keys: list[str]):
    with pytest.raises(StartRefused, match="SMS_ENCRYPTION_KEYS") as refused:
        SecretBox(keys)
    assert not any(key and key in str(refused.value) for key in keys)


def test_neither_repr_nor_an_error_shows_a_key_or_a_secret():
    box = SecretBox([NEW, OLD])
    token = box.encrypt(Secret("t0ken-in-clear"), context=PLACE)
    with pytest.raises(SecretUnreadable) as unreadable:
        box.decrypt(token, context="elsewhere")
    shown = repr(box) + str(box) + repr(unreadable.value) + str(unreadable.value)
    assert not any(secret in shown for secret in (NEW, OLD, "t0ken-in-clear"))


def test_a_generated_key_works_at_once():
    box = SecretBox([generate_key()])
    assert box.decrypt(box.encrypt(Secret("x"), context="y"), context="y") == Secret("x")
