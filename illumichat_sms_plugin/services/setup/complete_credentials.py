"""Whether the credentials of a channel would be complete, and what follows from changing some of them."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.secret import Secret

NEEDED = {
    "account_sid": say("The Account SID is needed too."),
    "phone_number": say("The phone number is needed too."),
}
NONE = Secret("")


def complete_credentials(row: Any, values: dict[str, Any]) -> None:
    """Refuse a channel that would be half connected, with InvalidInput, and add what follows from ``values``.

    ``row`` is the channel as it is stored. An empty token or API key's secret keeps the stored one.
    """
    for name in ("auth_token", "api_key_secret"):
        if not values.get(name, True):
            del values[name]
    if values.pop("remove_auth_token", False) and row.auth_token:
        values.setdefault("auth_token", NONE)
    _complete_key(row, values)
    if values.get("account_sid", row.account_sid) != row.account_sid and row.account_sid:
        _leave_account(values)
    _refuse_half(row, values)


def _complete_key(row: Any, values: dict[str, Any]) -> None:
    """An API key is its SID and its secret; a SID that is emptied takes the secret along."""
    sid = values.get("api_key_sid", row.api_key_sid)
    if sid is None:
        if values.get("api_key_secret"):
            wrong = {"api_key_sid": say("Enter the SID of this API key too.")}
            raise InvalidInput(say("The API key is not complete."), wrong)
        if row.api_key_sid:
            values["api_key_secret"] = NONE
    elif sid != row.api_key_sid and not values.get("api_key_secret"):
        wrong = {"api_key_secret": say("Enter the secret of this API key.")}
        raise InvalidInput(say("The API key is not complete."), wrong)


def _leave_account(values: dict[str, Any]) -> None:
    """The other account's keys would verify nothing but forgeries now, and call for the wrong account."""
    by_keys = values.get("api_key_secret") and values.get("signing_key")
    if "auth_token" not in values and not by_keys:
        raise InvalidInput(
            say("Another account needs its own Auth Token."),
            {"auth_token": say("Enter this account's Auth Token.")},
        )
    for name in ("auth_token", "next_auth_token", "signing_key"):
        values.setdefault(name, NONE)
    if not values.get("api_key_secret"):
        values |= {"api_key_sid": None, "api_key_secret": NONE}


def _refuse_half(row: Any, values: dict[str, Any]) -> None:
    have = {
        name: values[name] if name in values else getattr(row, name)
        for name in (*NEEDED, "auth_token", "api_key_sid", "signing_key")
    }
    missing = {name: sentence for name, sentence in NEEDED.items() if not have[name]}
    if not have["auth_token"] and not (have["api_key_sid"] and have["signing_key"]):
        missing["auth_token"] = (
            say("The Auth Token is needed too, or a webhook signing key: an API key signs no webhooks.")
            if have["api_key_sid"]
            else say("The Auth Token is needed too.")
        )
    if missing and any(have[name] for name in (*NEEDED, "auth_token", "api_key_sid")):
        raise InvalidInput(say("The connection is not complete."), missing)
