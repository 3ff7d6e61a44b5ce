"""The credentials of a channel as they are stored, for a question to Twilio; never for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.errors import SecretUnreadable
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_secrets import secret_context


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """What is there; None for a secret that is not, or that no configured key reads."""

    account_sid: str | None
    token: Secret | None
    api_key_sid: str | None
    api_key_secret: Secret | None


def read_credentials(runtime: Runtime, assistant_id: str) -> StoredCredentials:
    """The credentials of an assistant's channel."""
    columns: tuple[Any, ...] = (
        SmsChannel.assistant_id,
        SmsChannel.account_sid,
        SmsChannel.auth_token,
        SmsChannel.api_key_sid,
        SmsChannel.api_key_secret,
    )
    with transaction() as connection:
        row = connection.execute(select(*columns).where(SmsChannel.assistant_id == assistant_id)).first()
    if row is None:
        return StoredCredentials(None, None, None, None)
    return StoredCredentials(
        row.account_sid,
        _opened(runtime, row, "auth_token"),
        row.api_key_sid,
        _opened(runtime, row, "api_key_secret"),
    )


def _opened(runtime: Runtime, row: Row[Any], column: str) -> Secret | None:
    stored = getattr(row, column)
    try:
        context = secret_context(row.assistant_id, column)
        return runtime.secrets.decrypt(stored, context=context) if stored else None
    except SecretUnreadable:
        return None
