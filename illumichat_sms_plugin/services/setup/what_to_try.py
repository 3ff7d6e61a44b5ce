"""What Test Credentials tries: what was typed, and what is stored where nothing was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.channel_changes import (
    check_account_sid,
    check_api_key_sid,
    check_secret,
    check_token,
)
from illumichat_sms_plugin.services.setup.stored_credentials import read_credentials
from illumichat_sms_plugin.twilio_gateway.values import Credentials


@dataclass(frozen=True, slots=True)
class Tried:
    """``credentials`` call Twilio's REST API; ``of_the_account`` may look at the account, None without a token."""

    credentials: Credentials
    of_the_account: Credentials | None
    phone_number: str | None


def what_to_try(
    runtime: Runtime,
    assistant_id: str,
    *,
    account_sid: str,
    auth_token: Secret,
    api_key_sid: str,
    api_key_secret: Secret,
    phone_number: str,
) -> Tried:
    """What to try, or InvalidInput with a sentence for every field that cannot be right."""
    checks: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
        ("account_sid", account_sid, check_account_sid),
        ("auth_token", auth_token, check_secret),
        ("api_key_sid", api_key_sid, check_api_key_sid),
        ("api_key_secret", api_key_secret, check_token),
        ("phone_number", phone_number, to_e164 if phone_number.strip() else str.strip),
    )
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, value, check in checks:
        try:
            values[name] = check(value)
        except InvalidInput as error:
            wrong[name] = str(error)
    if not wrong:
        wrong = _fill_in(runtime, assistant_id, values)
    if wrong:
        raise InvalidInput(say("Some fields cannot be tested as they are."), wrong)
    sid, token = values["account_sid"], values["auth_token"]
    account = Credentials(sid, token) if token else None
    key = Credentials(sid, values["api_key_secret"], values["api_key_sid"]) if values["api_key_sid"] else None
    login = key or account
    assert login is not None  # noqa: S101 - one of them is there, or _fill_in has said what is missing
    return Tried(login, account, values["phone_number"] or None)


def _fill_in(runtime: Runtime, assistant_id: str, values: dict[str, Any]) -> dict[str, str]:
    """Put what is stored where nothing was typed; returns what is missing."""
    stored = read_credentials(runtime, assistant_id)
    is_same = stored.account_sid == values["account_sid"]
    if not values["auth_token"] and stored.token is not None and is_same:
        values["auth_token"] = stored.token
    if values["api_key_sid"] is None:
        return {} if values["auth_token"] else {"auth_token": say("Enter the Auth Token of this account.")}
    if not values["api_key_secret"] and stored.api_key_secret is not None and is_same:
        values["api_key_secret"] = (
            stored.api_key_secret if stored.api_key_sid == values["api_key_sid"] else values["api_key_secret"]
        )
    return {} if values["api_key_secret"] else {"api_key_secret": say("Enter the secret of this API key.")}
