"""Save what an admin entered, and say what Twilio says of it.

A number belongs to one assistant: the one whose account owns it at Twilio. docs/decisions/asking-twilio-for-an-admin.md
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select

from illumichat_sms_plugin.errors import InvalidInput, RateLimited
from illumichat_sms_plugin.host import Assistant, Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges, check_changes
from illumichat_sms_plugin.services.setup.credential_budget import spend_try
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict, ask_for_number
from illumichat_sms_plugin.services.setup.release_number import take_from_wrong_holder
from illumichat_sms_plugin.services.setup.save_channel import (
    CREDENTIALS,
    NumberTaken,
    Outdated,
    complete,
    save_channel,
)
from illumichat_sms_plugin.services.setup.stored_credentials import StoredCredentials, read_credentials
from illumichat_sms_plugin.twilio_gateway.values import Credentials

TOKEN_UNREADABLE = say("The stored Auth Token cannot be read any more. Enter it again.")
SECRET_UNREADABLE = say("The stored secret of the API key cannot be read any more. Enter it again.")


@dataclass(frozen=True, slots=True)
class Saved:
    """The channel's new version, and what Twilio said."""

    version: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Stored:
    """The stored state. ``row`` is the channel's or an empty one; ``version`` is 0 when there is no channel."""

    row: Any
    credentials: StoredCredentials

    @property
    def version(self) -> int:
        return self.row.version or 0

    @property
    def secrets(self) -> dict[str, Secret | None]:
        """What Twilio is asked with, by column."""
        return {"auth_token": self.credentials.token, "api_key_secret": self.credentials.api_key_secret}


def ask_and_save(
    runtime: Runtime,
    assistant: Assistant,
    changes: ChannelChanges,
    *,
    by: Person,
    seen_version: int | None = None,
) -> Saved:
    """Save ``changes`` as :func:`save_channel` does, and ask Twilio about a new account, token or number.

    What Twilio refuses is saved too, as a draft: who enters it may know what Twilio will only say tomorrow. A draft may
    name any number; NumberTaken is said only to whose account owns it, when another assistant rightly has it too.
    RateLimited when credentials were changed too often; options alone are never counted. Outdated also when
    somebody saved while Twilio was asked.
    """
    values = check_changes(changes)
    stored = _read(runtime, assistant.id)
    if seen_version not in (None, stored.version):
        raise Outdated
    complete(stored.row, values)
    changes = _without_known_secrets(stored, changes, values)
    asks = _needs_asking(stored, values)
    if asks or values.get("signing_key"):
        spend_try(by, assistant.workspace.id)
    if not asks and not _asks_about_draft(stored, values, assistant, by):
        version = save_channel(runtime, assistant.id, changes, by=by, seen_version=seen_version)
        return Saved(version, Verdict(Asked.NOT_NEEDED))
    credentials, token, number = _to_be(stored, values)
    verdict = ask_for_number(runtime, credentials, number, token=token)
    save = partial(
        save_channel,
        runtime,
        assistant.id,
        changes,
        by=by,
        seen_version=stored.version,
        verdict=verdict,
    )
    return Saved(_save_as_owner(runtime, verdict, credentials, number, save), verdict)


def connect_as_operator(
    runtime: Runtime, assistant_id: str, changes: ChannelChanges, *, by: Person
) -> Verdict:
    """Save a whole connection from the command line, where nothing is counted, and return what Twilio says of it."""
    values = check_changes(changes)
    stored = _read(runtime, assistant_id)
    complete(stored.row, values)
    credentials, token, number = _to_be(stored, values)
    verdict = ask_for_number(runtime, credentials, number, token=token)
    _save_as_owner(
        runtime,
        verdict,
        credentials,
        number,
        lambda: save_channel(runtime, assistant_id, changes, by=by, verdict=verdict),
    )
    return verdict


def _save_as_owner(
    runtime: Runtime, verdict: Verdict, credentials: Credentials, number: str, save: Callable[[], int]
) -> int:
    """Save, and take the number from whoever has it wrongly if Twilio says that it is ours."""
    try:
        return save()
    except NumberTaken:
        if verdict.asked is not Asked.OWNED or not take_from_wrong_holder(runtime, credentials, number):
            raise
    return save()


def _read(runtime: Runtime, assistant_id: str) -> _Stored:
    with transaction() as connection:
        row = connection.execute(
            select(SmsChannel.__table__).where(SmsChannel.assistant_id == assistant_id)
        ).first()
    return _Stored(
        row if row is not None else SmsChannel(opt_out_words=""), read_credentials(runtime, assistant_id)
    )


def _without_known_secrets(
    stored: _Stored, changes: ChannelChanges, values: dict[str, Any]
) -> ChannelChanges:
    """What is stored already is no change, and what Twilio said of it goes on counting."""
    if values.get("account_sid", stored.row.account_sid) != stored.row.account_sid:
        return changes
    known: dict[str, Any] = {
        name: None for name, secret in stored.secrets.items() if secret and values.get(name) == secret
    }
    return replace(changes, **known)


def _needs_asking(stored: _Stored, values: dict[str, Any]) -> bool:
    given = {name: values[name] or None for name in stored.secrets if name in values}
    maybe_right_by_now = stored.row.attention_code is not None and any(given.values())
    return (
        maybe_right_by_now
        or any(secret != stored.secrets[name] for name, secret in given.items())
        or any(
            name in values and values[name] != getattr(stored.row, name)
            for name in ("account_sid", "phone_number", "api_key_sid")
        )
    )


def _asks_about_draft(stored: _Stored, values: dict[str, Any], assistant: Assistant, by: Person) -> bool:
    """Saving a draft as it is asks Twilio once more; but its options can be saved however often Twilio was asked."""
    if stored.row.confirmed_at is not None or not any(values.get(name) for name in CREDENTIALS):
        return False
    try:
        spend_try(by, assistant.workspace.id)
    except RateLimited:
        return False
    return any(stored.secrets.values())


def _to_be(stored: _Stored, values: dict[str, Any]) -> tuple[Credentials, Secret | None, str]:
    """Credentials, Auth Token and number as they will be once ``values`` are saved."""
    account_sid = values.get("account_sid") or stored.row.account_sid
    number = values.get("phone_number") or stored.row.phone_number
    token = values.get("auth_token", stored.credentials.token)
    key_sid = values.get("api_key_sid", stored.row.api_key_sid)
    secret = values.get("api_key_secret") or stored.credentials.api_key_secret if key_sid else token
    if not secret:
        unreadable = {"api_key_secret": SECRET_UNREADABLE} if key_sid else {"auth_token": TOKEN_UNREADABLE}
        raise InvalidInput(say("The connection is not complete."), unreadable)
    return Credentials(account_sid, secret, key_sid), token or None, number
