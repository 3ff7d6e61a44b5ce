"""The secrets of a channel's row: what they are called, what they are bound to, and what they are good for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from illumichat_sms_plugin.errors import InvalidInput, SecretUnreadable
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.values import Credentials, SigningKey

logger = logging.getLogger("illumichat_sms.channels")

SIGNING_COLUMNS = ("auth_token", "next_auth_token", "signing_key")
"""The secrets that Twilio may sign webhooks with."""
SECRET_COLUMNS = (*SIGNING_COLUMNS, "api_key_secret")
PEPPER = "opt_out_pepper"
"""Encrypted too, but ours: no key of Twilio's."""


def secret_context(assistant_id: str, column: str) -> str:
    """What a stored secret is bound to: it decrypts in this row and column only."""
    return f"sms_channels/{assistant_id}/{column}"


def read_secret(runtime: Runtime, row: Row[Any], column: str) -> Secret | None:
    """The secret in ``column`` of a channel's row; None when there is none, or none that can be read."""
    ciphertext = getattr(row, column)
    if not ciphertext:
        return None
    try:
        return runtime.secrets.decrypt(ciphertext, context=secret_context(row.assistant_id, column))
    except SecretUnreadable:
        logger.warning("channel %s: %s does not decrypt; it must be entered again", row.id, column)
        return None


def signing_keys(
    row: Row[Any], secrets: Mapping[str, Secret | None], kept_for: float
) -> tuple[tuple[SigningKey, ...], tuple[SigningKey, ...]]:
    """The keys that verify webhooks, and those that are stored and do not any more.

    A stored signing key verifies in the place of the tokens, unless an admin lets both for a day. What ends while
    the channel is ``kept_for`` so many milliseconds in memory counts as ended already.
    """
    token_ended = bool(row.signing_key) and (row.token_verifies_left or 0) <= kept_for
    second_ended = row.second_token_left is not None and row.second_token_left <= kept_for
    ended = {"auth_token": token_ended, "next_auth_token": token_ended or second_ended}
    keys = [
        SigningKey(column, secret, "HMAC_SHA256" if column == "signing_key" else "HMAC_SHA1")
        for column in SIGNING_COLUMNS
        if (secret := secrets[column])
    ]
    return (
        tuple(key for key in keys if not ended.get(key.name)),
        tuple(key for key in keys if ended.get(key.name)),
    )


def credentials_of(row: Row[Any], secrets: Mapping[str, Secret | None]) -> Credentials | None:
    """What Twilio's REST API is called with: the API key when there is one, else the Auth Token."""
    secret = secrets["api_key_secret" if row.api_key_sid else "auth_token"]
    try:
        return Credentials(row.account_sid, secret, row.api_key_sid) if secret else None
    except InvalidInput:
        logger.warning(
            "channel %s: the stored credentials cannot be Twilio's; they must be entered again", row.id
        )
        return None
