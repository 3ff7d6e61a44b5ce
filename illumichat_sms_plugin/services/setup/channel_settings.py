"""A channel as its admin sees it: options and what is stored, never a secret."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.errors import SecretUnreadable
from illumichat_sms_plugin.languages.kept import restore
from illumichat_sms_plugin.models import (
    Direction,
    SmsAuditEntry,
    SmsChannel,
    SmsMessage,
    SmsSession,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import UNSETTLED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_health import Failing, failing, read_outcomes
from illumichat_sms_plugin.services.channel_secrets import SECRET_COLUMNS, secret_context
from illumichat_sms_plugin.services.channels import TOKENS_LEFT
from illumichat_sms_plugin.services.pauses import Pause, read_pause
from illumichat_sms_plugin.services.setup.lost_number import LostNumber, find_lost_number
from illumichat_sms_plugin.services.setup.used_limits import UsedLimit, used_limits

LATE_COUNTS = 86400.0
"""Seconds for which a text that was missed by the webhook is something to attend to."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is wrong at Twilio: the check's name, the evidence, and the fix in words."""

    name: str
    evidence: str
    fix: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Found:
        """From its place in a channel's column."""
        said = entry.get("said") or {}
        evidence, fix = (restore(said.get(name), entry[name]) for name in ("evidence", "fix"))
        return cls(entry["name"], evidence, fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """The stored settings of an assistant's channel, or the defaults with ``version`` 0 when there are none."""

    id: int | None = None
    assistant_id: str
    version: int = 0
    account_sid: str | None = None
    phone_number: str | None = None
    has_auth_token: bool = False
    api_key_sid: str | None = None
    """The API key that calls Twilio's REST API, when there is one."""
    has_next_auth_token: bool = False
    next_auth_token_until: datetime | None = None
    """When the other token is dropped, for one that was replaced."""
    next_auth_token_left: float | None = None
    """Seconds until then."""
    has_signing_key: bool = False
    token_verifies: bool = True
    """Whether webhooks signed with a token are believed."""
    token_verifies_until: datetime | None = None
    """Until when, while a signing key is stored and tokens verify beside it."""
    token_verifies_left: float | None = None
    secrets_mark: str = ""
    """Another one whenever a token or key was stored or removed; tells nothing of them."""
    unreadable_secrets: tuple[str, ...] = ()
    """The columns whose ciphertext no configured key opens."""
    options: ChannelOptions = field(default_factory=ChannelOptions)
    is_confirmed: bool = False
    """Whether Twilio has accepted account, token and number; else what is connected is a draft."""
    confirmed_at: datetime | None = None
    number_in_use: bool = False
    """Whether another assistant has a draft's number, with the same account."""
    looks: int = 0
    look_at: datetime | None = None
    """When Twilio is asked next about a draft or a shut-out account."""
    attention_code: int | None = None
    attention_at: datetime | None = None
    lost: LostNumber | None = None
    """The number that was taken from a channel that is not connected."""
    waiting: int = 0
    """Texts that may or may not have gone out and wait for an admin's decision."""
    last_text_at: datetime | None = None
    failing: Failing | None = None
    """What the outcomes of the last texts say, when they do not arrive."""
    webhook_was_set: bool = False
    """Whether somebody has set the number's webhook here."""
    came_late: bool = False
    """Whether the last text that came in was missed by the webhook and fetched later."""
    found: tuple[Found, ...] = ()
    """What the last examination by housekeeping found wrong, unless the channel was changed since."""
    pause: Pause | None = None
    """Why nothing is sent now."""
    used: tuple[UsedLimit, ...] = ()
    """What is used of the limits."""
    updated_at: datetime | None = None

    @property
    def is_connected(self) -> bool:
        """Whether there are credentials and a number."""
        keys = self.api_key_sid and self.has_signing_key
        return bool(self.account_sid and self.phone_number and (self.has_auth_token or keys))

    @property
    def is_draft(self) -> bool:
        """Whether there are credentials that Twilio has not accepted."""
        return self.is_connected and not self.is_confirmed


def read_settings(runtime: Runtime, assistant_id: str) -> ChannelSettings:
    """The settings as they stand in the database now."""
    with transaction() as connection:
        row = connection.execute(
            select(SmsChannel.__table__, *TOKENS_LEFT).where(SmsChannel.assistant_id == assistant_id)
        ).first()
        if row is None:
            return ChannelSettings(assistant_id=assistant_id)
        lost = None if row.phone_number else find_lost_number(connection, row.id)
        waiting = connection.execute(
            select(func.count())
            .select_from(SmsMessage)
            .where(SmsMessage.channel_id == row.id, text(UNSETTLED))
        ).scalar_one()
        last = connection.execute(
            select(func.max(SmsSession.last_message_at)).where(SmsSession.channel_id == row.id)
        ).scalar_one()
        late = _came_late(connection, row.id)
        outcomes = read_outcomes(connection, row.id)
        webhook_was_set = last is None and _webhook_was_set(connection, row)
        used = used_limits(connection, runtime, row.id, ChannelOptions.of_row(row))
        pause = read_pause(connection, row) if row.paused else None
    shown = _to_settings(runtime, row)
    return replace(
        shown,
        pause=pause,
        used=used,
        waiting=waiting,
        last_text_at=last,
        lost=lost,
        came_late=late,
        failing=failing(outcomes),
        webhook_was_set=webhook_was_set,
    )


def _webhook_was_set(connection: Connection, row: Row[Any]) -> bool:
    if row.connected_at is None:
        return False
    set_here = select(SmsAuditEntry.id).where(
        SmsAuditEntry.channel_id == row.id,
        SmsAuditEntry.action == "webhook_set",
        SmsAuditEntry.created_at >= row.connected_at,
    )
    return connection.execute(set_here.limit(1)).first() is not None


def _came_late(connection: Connection, channel_id: int) -> bool:
    newest = (
        select(SmsMessage.sent_at)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.direction == Direction.INBOUND.value,
            SmsMessage.is_test.is_(False),
            SmsMessage.created_at > db_now(-LATE_COUNTS),
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(1)
    )
    return connection.scalar(newest) is not None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """One decrypted secret, its account and the channel's version; ``value`` is None if it is not there or unreadable."""

    account_sid: str | None
    value: Secret | None
    version: int


def read_secret(runtime: Runtime, assistant_id: str, column: str) -> StoredSecret:
    """A secret for a question to Twilio; never for a page."""
    with transaction() as connection:
        row = connection.execute(
            select(
                SmsChannel.account_sid, SmsChannel.version, getattr(SmsChannel, column).label("stored")
            ).where(SmsChannel.assistant_id == assistant_id)
        ).first()
    if row is None:
        return StoredSecret(None, None, 0)
    try:
        context = secret_context(assistant_id, column)
        value = runtime.secrets.decrypt(row.stored, context=context) if row.stored else None
    except SecretUnreadable:
        value = None
    return StoredSecret(row.account_sid, value, row.version)


def _to_settings(runtime: Runtime, row: Row[Any]) -> ChannelSettings:
    beside = bool(row.signing_key) and (row.token_verifies_left or 0) > 0
    return ChannelSettings(
        id=row.id,
        assistant_id=row.assistant_id,
        version=row.version,
        account_sid=row.account_sid,
        phone_number=row.phone_number,
        has_auth_token=bool(row.auth_token),
        api_key_sid=row.api_key_sid,
        has_next_auth_token=bool(row.next_auth_token),
        next_auth_token_until=row.next_auth_token_until,
        next_auth_token_left=_seconds(row.second_token_left),
        has_signing_key=bool(row.signing_key),
        token_verifies=beside or not row.signing_key,
        token_verifies_until=row.token_verifies_until if beside else None,
        token_verifies_left=_seconds(row.token_verifies_left) if beside else None,
        secrets_mark=_mark_of_secrets(row),
        unreadable_secrets=tuple(name for name in SECRET_COLUMNS if not _is_readable(runtime, row, name)),
        options=ChannelOptions.of_row(row),
        is_confirmed=row.confirmed_at is not None,
        confirmed_at=row.confirmed_at,
        number_in_use=row.number_in_use,
        looks=row.looks,
        look_at=row.look_at,
        attention_code=row.attention_code,
        attention_at=row.attention_at,
        found=tuple(map(Found.of, row.found or ())) if row.examined_version == row.version else (),
        updated_at=row.updated_at,
    )


def _mark_of_secrets(row: Row[Any]) -> str:
    """Ciphertexts are random anew each time, so equal secrets have different marks."""
    stored = "\0".join(str(getattr(row, column) or "") for column in SECRET_COLUMNS)
    return hashlib.sha256(stored.encode()).hexdigest()[:16]


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else max(milliseconds / 1000, 0.0)


def _is_readable(runtime: Runtime, row: Row[Any], column: str) -> bool:
    ciphertext = getattr(row, column)
    if not ciphertext:
        return True
    try:
        runtime.secrets.decrypt(ciphertext, context=secret_context(row.assistant_id, column))
    except SecretUnreadable:
        return False
    return True
