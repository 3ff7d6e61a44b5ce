"""What may be changed about a channel, and whether a value can be used."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.models import MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.services.answering.guidelines import MAX_GUIDELINES_LENGTH

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
MAX_SECRET_LENGTH = 256
MAX_APOLOGY_LENGTH = 320
MAX_OPT_OUT_WORDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanges:
    """What to change; None leaves a field as it is, an empty string empties it where that is allowed."""

    account_sid: str | None = None
    auth_token: str | None = dataclasses.field(default=None, repr=False)
    next_auth_token: str | None = dataclasses.field(default=None, repr=False)
    signing_key: str | None = dataclasses.field(default=None, repr=False)
    phone_number: str | None = None
    enabled: bool | None = None
    max_message_length: int | None = None
    contact_matching: bool | None = None
    auto_create_contacts: bool | None = None
    guidelines: str | None = None
    apology: str | None = None
    opt_out_words: tuple[str, ...] | None = None


def check_changes(changes: ChannelChanges) -> dict[str, Any]:
    """The columns to write, each checked; InvalidInput with one sentence per unusable field."""
    given = {
        item.name: value
        for item in dataclasses.fields(changes)
        if (value := getattr(changes, item.name)) is not None
    }
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in given.items():
        try:
            values[name] = _CHECKS[name](value)
        except InvalidInput as error:
            wrong[name] = str(error)
    if wrong:
        raise InvalidInput("Some fields cannot be saved as they are.", wrong)
    return values


def check_account_sid(value: str) -> str:
    """An Account SID; InvalidInput when it is none."""
    sid = value.strip()
    if not ACCOUNT_SID.fullmatch(sid):
        raise InvalidInput(
            "An Account SID is AC and 32 characters of 0-9 and a-f; copy it from the Twilio Console."
        )
    return sid


def check_secret(value: str) -> str:
    """A token or key as Twilio makes them; InvalidInput for what cannot be one."""
    secret = value.strip()
    if len(secret) > MAX_SECRET_LENGTH or not secret.isascii() or any(c.isspace() for c in secret):
        raise InvalidInput("This is no key of Twilio's: it has spaces or odd characters, or is too long.")
    return secret


def check_token(value: str) -> str:
    """An Auth Token: letters and digits only; InvalidInput for anything else."""
    token = check_secret(value)
    if token and not token.isalnum():
        raise InvalidInput("An Auth Token has letters and digits only; copy it from the Twilio Console.")
    return token


def _length(value: int) -> int:
    if value <= 0:
        raise InvalidInput("Enter a number of characters, such as 306.")
    if value < MIN_MESSAGE_LENGTH:
        raise InvalidInput(f"Too short: choose at least {MIN_MESSAGE_LENGTH} characters.")
    if value > MAX_MESSAGE_LENGTH:
        raise InvalidInput(f"Too long: choose at most {MAX_MESSAGE_LENGTH} characters.")
    return value


def _text_up_to(limit: int) -> Any:
    def check(value: str) -> str | None:
        text = value.replace("\x00", "").strip()
        if len(text) > limit:
            raise InvalidInput(f"At most {limit} characters, these are {len(text)}.")
        return text or None

    return check


def _words(value: tuple[str, ...]) -> str:
    cleaned = (" ".join(word.replace("\x00", "").split()) for word in value)
    words = [word for word in cleaned if word]
    if len(words) > MAX_OPT_OUT_WORDS or any(len(word) > 40 for word in words):
        raise InvalidInput(f"At most {MAX_OPT_OUT_WORDS} words of 40 characters.")
    return "\n".join(words)


_CHECKS: dict[str, Any] = {
    "account_sid": check_account_sid,
    "auth_token": check_token,
    "next_auth_token": check_token,
    "signing_key": check_secret,
    "phone_number": to_e164,
    "enabled": bool,
    "max_message_length": _length,
    "contact_matching": bool,
    "auto_create_contacts": bool,
    "guidelines": _text_up_to(MAX_GUIDELINES_LENGTH),
    "apology": _text_up_to(MAX_APOLOGY_LENGTH),
    "opt_out_words": _words,
}
