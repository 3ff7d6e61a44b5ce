"""Connect, change and disconnect a channel."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from illumichat_sms_plugin.errors import Conflict, InvalidInput, NotFound
from illumichat_sms_plugin.keywords import default_opt_out_words
from illumichat_sms_plugin.models import MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH, SmsChannel
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import SECRET_COLUMNS, secret_context
from illumichat_sms_plugin.services.sms_guidelines import MAX_GUIDELINES_LENGTH

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
MAX_SECRET_LENGTH = 256
MAX_APOLOGY_LENGTH = 320
MAX_OPT_OUT_WORDS = 50
NUMBER_TAKEN = "This number is already in use. Disconnect it where it is used first, or take another one."


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


def save_channel(
    runtime: Runtime,
    assistant_id: str,
    changes: ChannelChanges,
    *,
    by: str,
    seen_version: int | None = None,
) -> int:
    """Save ``changes`` in one transaction and return the channel's new version.

    ``seen_version`` is the version the person was looking at (0 for a channel that was not there);
    Conflict when it has changed since, or when the number belongs to another assistant.
    InvalidInput names every field that cannot be used. ``by`` says who, for the audit.
    """
    assistant = runtime.host.assistants.find(assistant_id)
    if assistant is None:
        raise NotFound("There is no such assistant.")
    values = check_changes(changes)
    try:
        with transaction() as connection:
            row = _ensure_row(connection, assistant_id, assistant.workspace.id, seen_version)
            _complete(row, values)
            version = _write(connection, runtime, row, values)
    except IntegrityError:
        raise Conflict(NUMBER_TAKEN) from None
    runtime.channels.forget(assistant_id)
    return version


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


def _account_sid(value: str) -> str:
    sid = value.strip()
    if not ACCOUNT_SID.fullmatch(sid):
        raise InvalidInput(
            "An Account SID is AC and 32 characters of 0-9 and a-f; copy it from the Twilio Console."
        )
    return sid


def _secret(value: str) -> str:
    secret = value.strip()
    if len(secret) > MAX_SECRET_LENGTH or not secret.isascii() or any(c.isspace() for c in secret):
        raise InvalidInput("This is no key of Twilio's: it has spaces or odd characters, or is too long.")
    return secret


def _length(value: int) -> int:
    if not MIN_MESSAGE_LENGTH <= value <= MAX_MESSAGE_LENGTH:
        raise InvalidInput(f"Choose a length from {MIN_MESSAGE_LENGTH} to {MAX_MESSAGE_LENGTH} characters.")
    return value


def _text_up_to(limit: int) -> Any:
    def check(value: str) -> str | None:
        text = value.replace("\x00", "").strip()
        if len(text) > limit:
            raise InvalidInput(f"At most {limit} characters, these are {len(text)}.")
        return text or None

    return check


def _words(value: tuple[str, ...]) -> str:
    words = [" ".join(word.split()) for word in value if word.strip()]
    if len(words) > MAX_OPT_OUT_WORDS or any(len(word) > 40 for word in words):
        raise InvalidInput(f"At most {MAX_OPT_OUT_WORDS} words of 40 characters.")
    return "\n".join(words)


_CHECKS: dict[str, Any] = {
    "account_sid": _account_sid,
    "auth_token": _secret,
    "next_auth_token": _secret,
    "signing_key": _secret,
    "phone_number": to_e164,
    "enabled": bool,
    "max_message_length": _length,
    "contact_matching": bool,
    "auto_create_contacts": bool,
    "guidelines": _text_up_to(MAX_GUIDELINES_LENGTH),
    "apology": _text_up_to(MAX_APOLOGY_LENGTH),
    "opt_out_words": _words,
}


def _ensure_row(
    connection: Connection, assistant_id: str, workspace_id: str, seen_version: int | None
) -> Row[Any]:
    """The channel's row, locked; created when it is not there."""
    created = connection.execute(
        insert_or_conflict(connection, SmsChannel)
        .values(assistant_id=assistant_id, workspace_id=workspace_id)
        .on_conflict_do_nothing(index_elements=[SmsChannel.assistant_id])
        .returning(SmsChannel.id)
    ).first()
    row = connection.execute(
        select(SmsChannel.__table__).where(SmsChannel.assistant_id == assistant_id).with_for_update()
    ).one()
    current = 0 if created is not None else row.version
    if seen_version is not None and seen_version != current:
        raise Conflict("Somebody else saved in the meantime. Look at the new values and save again.")
    return row


def _complete(row: Row[Any], values: dict[str, Any]) -> None:
    """Refuse a channel that would be half connected; an empty secret keeps the stored one."""
    if not values.get("auth_token", True):
        del values["auth_token"]
    needed = {"account_sid": "Account SID", "auth_token": "Auth Token", "phone_number": "phone number"}
    have = {name: values.get(name) or getattr(row, name) for name in needed}
    if any(have.values()) and not all(have.values()):
        missing = {name: f"The {needed[name]} is needed too." for name, value in have.items() if not value}
        raise InvalidInput("The connection is not complete.", missing)
    if have["account_sid"] != row.account_sid and row.account_sid and "auth_token" not in values:
        raise InvalidInput(
            "Another account needs its own Auth Token.", {"auth_token": "Enter this account's Auth Token."}
        )
    if row.phone_number is None and values.get("phone_number") and "opt_out_words" not in values:
        words = default_opt_out_words(values["phone_number"])
        values["opt_out_words"] = row.opt_out_words or "\n".join(words)


def _write(connection: Connection, runtime: Runtime, row: Row[Any], values: dict[str, Any]) -> int:
    for column in SECRET_COLUMNS:
        if values.get(column):
            context = secret_context(row.assistant_id, column)
            values[column] = runtime.secrets.encrypt(values[column], context=context)
        elif column in values:
            values[column] = None
    if "auth_token" in values or "phone_number" in values:
        values |= {"attention_code": None, "attention_at": None}
    version = connection.execute(
        update(SmsChannel)
        .where(SmsChannel.id == row.id)
        .values(version=SmsChannel.version + 1, **values)
        .returning(SmsChannel.version)
    ).scalar_one()
    return int(version)
