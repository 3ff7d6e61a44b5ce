"""Channels as the pipeline needs them: read once, secrets decrypted, kept for a short time."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from illumichat_sms_plugin.channel_options import OPTIONS, ChannelOptions
from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.channel import is_connected
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.sql_time import milliseconds_between
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_secrets import (
    PEPPER,
    SECRET_COLUMNS,
    credentials_of,
    read_secret,
    signing_keys,
)
from illumichat_sms_plugin.services.pauses import PAUSED
from illumichat_sms_plugin.twilio_gateway.error_codes import sender_codes, shut_out_codes
from illumichat_sms_plugin.twilio_gateway.values import Credentials, SigningKey

logger = logging.getLogger("illumichat_sms.channels")

_IN_ADDRESSES = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@]+")
"""Characters of a path's segment: https://www.rfc-editor.org/rfc/rfc3986#section-3.3"""
MAX_ID = 64
"""Characters of an id of the host; no host has longer ones."""
FIRST_LOOK = 60.0
"""Seconds until Twilio is asked again about an account that it did not let in; later looks wait longer."""
LOOK_AT_UNREADABLE = 5.0
"""The same while the stored credentials cannot be read: nobody is asked, and the right key may be put back at any time."""
OTHERS_LATELY = 30 * 86400.0
"""Seconds for which a channel looks, before each answer, whether another system has texted."""
TOKENS_LEFT = (
    milliseconds_between(db_now(), SmsChannel.next_auth_token_until).label("second_token_left"),
    milliseconds_between(db_now(), SmsChannel.token_verifies_until).label("token_verifies_left"),
    PAUSED.label("paused"),
)
"""What is left to the tokens, in milliseconds, and why sending is stopped."""
COLUMNS = (
    *(SmsChannel.id, SmsChannel.assistant_id, SmsChannel.workspace_id),
    *(SmsChannel.account_sid, SmsChannel.phone_number, SmsChannel.api_key_sid),
    *(getattr(SmsChannel, column) for column in (*SECRET_COLUMNS, PEPPER)),
    *(getattr(SmsChannel, option) for option in OPTIONS),
    *(SmsChannel.confirmed_at, SmsChannel.attention_code),
    *TOKENS_LEFT,
    (SmsChannel.others_at > db_now(-OTHERS_LATELY)).label("sees_others"),
)
"""What :func:`channel_of` reads."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One assistant's SMS channel, ready to use. ``keys`` verify webhooks, newest first."""

    id: int
    assistant_id: str
    workspace_id: str
    account_sid: str
    phone_number: str
    options: ChannelOptions
    keys: tuple[SigningKey, ...]
    retired_keys: tuple[SigningKey, ...]
    """Stored, and refused all the same: they only explain a refusal."""
    credentials: Credentials | None
    """None when the stored token or API key does not decrypt, or cannot be one."""
    opt_out_pepper: Secret | None = None
    """Set when an erased texter had opted out: see suppressions.py."""
    is_confirmed: bool = False
    """Whether Twilio has accepted account, token and number; else the channel is a draft."""
    paused: str | None = None
    """Why its sending is stopped; see pauses.py."""
    sees_others: bool = False
    """Whether another system has lately texted from its number."""
    attention_code: int | None = None
    """Twilio's error code that an admin has to mend."""

    @property
    def auth_token(self) -> Secret | None:
        """The main Auth Token, whether it verifies webhooks or not."""
        stored = (*self.keys, *self.retired_keys)
        return next((key.secret for key in stored if key.name == "auth_token"), None)

    @property
    def may_answer(self) -> bool:
        """Whether the assistant may be asked: Twilio would take the answer. Else texts wait."""
        return self.is_confirmed and self.credentials is not None and not self.is_shut_out

    @property
    def is_shut_out(self) -> bool:
        """Whether Twilio refused the account the last time."""
        return self.attention_code in shut_out_codes()

    @property
    def ended_by_acceptance(self) -> bool:
        """Whether its trouble is over once Twilio accepts a text; what keeps texts from arriving is over with a delivery."""
        return self.is_shut_out or self.attention_code in sender_codes()

    @property
    def needs_a_look(self) -> bool:
        """Whether only Twilio can tell if the channel can be used."""
        return not self.is_confirmed or self.is_shut_out or self.attention_code in sender_codes()


def is_listed(channel: Channel, number: str) -> bool:
    """Whether the number is among those that the channel names, when it answers no others."""
    some = channel.options.answer_to in (AnswerTo.LISTED, AnswerTo.TRIAL)
    return not some or number in channel.options.only_numbers


def is_possible_id(text: str) -> bool:
    """Whether a host could have given this id; some of the others break a database's query."""
    return 0 < len(text) <= MAX_ID and text.isascii() and text.isprintable()


def is_fit_for_addresses(assistant_id: str) -> bool:
    """Whether an assistant's id can stand in a webhook's address as it is: nothing that would be encoded or cut off."""
    return (
        len(assistant_id) <= MAX_ID
        and bool(_IN_ADDRESSES.fullmatch(assistant_id))
        and set(assistant_id) != {"."}
    )


def find_channel(runtime: Runtime, assistant_id: str) -> Channel | None:
    """The connected channel of an assistant as it was a second ago, or ``SMS_CHANNEL_CACHE_TTL`` without Redis."""
    if not is_possible_id(assistant_id):
        return None
    if runtime.changes.heard():
        runtime.channels.forget_all()
    found: Channel | None = runtime.channels.get(assistant_id, lambda: load_channel(runtime, assistant_id))
    return found


def forget_channel(runtime: Runtime, assistant_id: str) -> None:
    """Have every process read a channel anew; call it when the change is committed."""
    runtime.channels.forget(assistant_id)
    runtime.changes.send()


def load_channel(runtime: Runtime, assistant_id: str) -> Channel | None:
    """The connected channel of an assistant as it stands in the database now."""
    return _load(runtime, SmsChannel.assistant_id == assistant_id)


def load_channel_by_id(runtime: Runtime, channel_id: int) -> Channel | None:
    """The same by the channel's own id."""
    return _load(runtime, SmsChannel.id == channel_id)


def find_channel_id(assistant_id: str) -> int | None:
    """The assistant's channel, connected or not: a disconnected one keeps its history. None when there never was one."""
    with transaction() as connection:
        return connection.scalar(select(SmsChannel.id).where(SmsChannel.assistant_id == assistant_id))


def _load(runtime: Runtime, condition: Any) -> Channel | None:
    with transaction() as connection:
        row = connection.execute(select(*COLUMNS).where(condition)).first()
    return channel_of(runtime, row) if row is not None else None


def channel_of(runtime: Runtime, row: Row[Any]) -> Channel | None:
    """The channel of a row that has at least ``COLUMNS``, ready to use; None when it is not connected."""
    if not is_connected(row):
        return None
    return _to_channel(runtime, row)


def _to_channel(runtime: Runtime, row: Row[Any]) -> Channel:
    secrets = {column: read_secret(runtime, row, column) for column in SECRET_COLUMNS}
    keys, retired = signing_keys(row, secrets, runtime.settings.channel_cache_ttl * 1000)
    return Channel(
        id=row.id,
        assistant_id=row.assistant_id,
        workspace_id=row.workspace_id,
        account_sid=row.account_sid,
        phone_number=row.phone_number,
        options=ChannelOptions.of_row(row),
        keys=keys,
        retired_keys=retired,
        credentials=credentials_of(row, secrets),
        opt_out_pepper=read_secret(runtime, row, PEPPER),
        is_confirmed=row.confirmed_at is not None,
        attention_code=row.attention_code,
        paused=row.paused,
        sees_others=bool(row.sees_others),
    )


def note_let_in(channel: Channel) -> None:
    """Remember that Twilio does not shut the account out (any more)."""
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == channel.id, SmsChannel.attention_code.in_(shut_out_codes()))
            .values(
                attention_code=None,
                attention_at=None,
                looks=0,
                look_at=None,
                updated_at=SmsChannel.updated_at,
            )
        )


def note_delivery(channel: Channel) -> None:
    """A text has arrived: what kept them from arriving is over."""
    if channel.attention_code is not None and not channel.ended_by_acceptance:
        note_attention(channel, None)


def note_attention(channel: Channel, error_code: int | None, *, look_in: float = FIRST_LOOK) -> None:
    """Remember the error that an admin has to fix, or that sending works again (None).

    Whether it is the account's or the number's, Twilio is asked later, by housekeeping, first after ``look_in`` seconds.
    """
    looked_at = error_code in shut_out_codes() or error_code in sender_codes()
    changed = SmsChannel.attention_code.is_distinct_from(error_code)
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == channel.id, SmsChannel.confirmed_at.is_not(None), changed)
            .values(
                attention_code=error_code,
                attention_at=None if error_code is None else db_now(),
                looks=0,
                look_at=db_now(look_in) if looked_at else None,
                updated_at=SmsChannel.updated_at,
            )
        )
