"""What may be changed about a channel, and whether a value can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from illumichat_sms_plugin.channel_options import OPTIONS
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.pasted import without_marks
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.secret import Secret

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
API_KEY_SID = re.compile(r"SK[0-9a-fA-F]{32}")
MAX_SECRET_LENGTH = 256
PRINTED = re.compile(r"[!-~]*")
LETTERS_AND_DIGITS = re.compile(r"[0-9A-Za-z]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanges:
    """What to change. None leaves a credential as it is; an empty string empties it where that is allowed.

    ``options`` holds the options to change by name. None and what is empty mean an option's default there.
    """

    account_sid: str | None = None
    auth_token: Secret | None = None
    """An empty one keeps what is stored."""
    remove_auth_token: bool | None = None
    """Where an API key and a signing key do its work."""
    api_key_sid: str | None = None
    """An empty one removes the API key."""
    api_key_secret: Secret | None = None
    """An empty one keeps what is stored."""
    next_auth_token: Secret | None = None
    signing_key: Secret | None = None
    phone_number: str | None = None
    token_verifies: bool | None = None
    """Whether the tokens verify webhooks beside the signing key, for 24 hours from when it is switched on."""
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, **values: Any) -> Self:
        """Changes from credentials and options alike."""
        options = {name: values.pop(name) for name in OPTIONS if name in values}
        return cls(options=options, **values)


def check_changes(changes: ChannelChanges) -> dict[str, Any]:
    """The columns to write, each checked; InvalidInput with one sentence per unusable field."""
    credentials = {name: getattr(changes, name) for name in _CREDENTIALS}
    given = {name: value for name, value in credentials.items() if value is not None} | dict(changes.options)
    checks = _CREDENTIALS | {name: option.check for name, option in OPTIONS.items()}
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        try:
            values[name] = checks[name](value)
        except InvalidInput as error:
            wrong[name] = str(error)
    if wrong:
        raise InvalidInput(say("Some fields cannot be saved as they are."), wrong)
    return values


def check_account_sid(value: str) -> str:
    """An Account SID; InvalidInput when it is none."""
    sid = without_marks(value)
    if not ACCOUNT_SID.fullmatch(sid):
        raise InvalidInput(
            say("An Account SID is AC and 32 characters of 0-9 and a-f; copy it from the Twilio Console.")
        )
    return sid


def check_api_key_sid(value: str) -> str | None:
    """An API Key SID, or None for none; InvalidInput when it is neither."""
    sid = without_marks(value)
    if sid and not API_KEY_SID.fullmatch(sid):
        raise InvalidInput(
            say("An API Key SID is SK and 32 characters of 0-9 and a-f; copy it from the Twilio Console.")
        )
    return sid or None


def check_secret(value: Secret) -> Secret:
    """A token or key as Twilio makes them; InvalidInput for what cannot be one."""
    secret = value.stripped()
    if len(secret) > MAX_SECRET_LENGTH or not secret.matches(PRINTED):
        raise InvalidInput(
            say("This is no key of Twilio's: it has spaces or odd characters, or is too long.")
        )
    return secret


def check_token(value: Secret) -> Secret:
    """An Auth Token or the secret of an API key: letters and digits only; InvalidInput for anything else."""
    token = check_secret(value)
    if not token.matches(LETTERS_AND_DIGITS):
        raise InvalidInput(say("It has letters and digits only; copy it from the Twilio Console."))
    return token


_CREDENTIALS: dict[str, Callable[[Any], Any]] = {
    "account_sid": check_account_sid,
    "auth_token": check_token,
    "remove_auth_token": bool,
    "api_key_sid": check_api_key_sid,
    "api_key_secret": check_token,
    "next_auth_token": check_token,
    "signing_key": check_secret,
    "phone_number": to_e164,
    "token_verifies": bool,
}
