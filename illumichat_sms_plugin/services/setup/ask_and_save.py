"""Save what an admin entered, after Twilio has been asked whether the number is this account's.

A number belongs to one assistant, so whoever saves one locks it. docs/decisions/asking-twilio-for-an-admin.md
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges, check_changes
from illumichat_sms_plugin.services.setup.channel_settings import StoredSecret, read_secret
from illumichat_sms_plugin.services.setup.credential_budget import spend_try
from illumichat_sms_plugin.services.setup.ownership import ask_for_number
from illumichat_sms_plugin.services.setup.save_channel import Outdated, complete, save_channel
from illumichat_sms_plugin.twilio_gateway.values import Credentials, OwnedNumber

UNREADABLE = "The stored Auth Token cannot be read any more. Enter it again."


class Asked(StrEnum):
    """What came of asking Twilio."""

    OWNED = "owned"
    """The account owns the number."""
    NO_ANSWER = "no_answer"
    """Twilio could not say; it was saved all the same."""
    NOT_NEEDED = "not_needed"
    """Neither account, token nor number were changed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The channel's new version, and the number as Twilio knows it when it is ``OWNED``."""

    version: int
    asked: Asked
    number: OwnedNumber | None = None


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the changes meet; ``row`` is the channel's or an empty one, ``version`` 0 for none."""

    row: Any
    token: StoredSecret

    @property
    def version(self) -> int:
        return self.row.version or 0


def ask_and_save(
    runtime: Runtime,
    assistant: Assistant,
    changes: ChannelChanges,
    *,
    by: Person,
    seen_version: int | None = None,
) -> Saved:
    """Save ``changes`` as :func:`save_channel` does, but a new account, token or number only if Twilio agrees.

    InvalidInput also when Twilio says that the credentials are wrong or the number is not the account's.
    RateLimited when credentials were tried too often; options alone are never counted. Outdated also when
    somebody saved while Twilio was asked.
    """
    values = check_changes(changes)
    stored = _read(runtime, assistant.id)
    if seen_version not in (None, stored.version):
        raise Outdated
    complete(stored.row, values)
    asks = _needs_asking(stored, values)
    if asks or values.get("signing_key"):
        spend_try(by, assistant.workspace.id)
    if not asks:
        version = save_channel(runtime, assistant.id, changes, by=by, seen_version=seen_version)
        return Saved(version, Asked.NOT_NEEDED)
    number = _ask(runtime, stored, values)
    version = save_channel(runtime, assistant.id, changes, by=by, seen_version=stored.version)
    return Saved(version, Asked.NO_ANSWER if number is None else Asked.OWNED, number)


def _read(runtime: Runtime, assistant_id: str) -> _Stored:
    with transaction() as connection:
        row = connection.execute(
            select(SmsChannel.__table__).where(SmsChannel.assistant_id == assistant_id)
        ).first()
    token = read_secret(runtime, assistant_id, "auth_token")
    return _Stored(row if row is not None else SmsChannel(opt_out_words=""), token)


def _needs_asking(stored: _Stored, values: dict[str, Any]) -> bool:
    return bool(values.get("auth_token")) or any(
        name in values and values[name] != getattr(stored.row, name)
        for name in ("account_sid", "phone_number")
    )


def _ask(runtime: Runtime, stored: _Stored, values: dict[str, Any]) -> OwnedNumber | None:
    token = values.get("auth_token") or stored.token.value
    if token is None:
        raise InvalidInput("The connection is not complete.", {"auth_token": UNREADABLE})
    credentials = Credentials(values.get("account_sid") or stored.row.account_sid, token)
    number = values.get("phone_number") or stored.row.phone_number
    return ask_for_number(runtime, credentials, number, token_is_stored="auth_token" not in values)
