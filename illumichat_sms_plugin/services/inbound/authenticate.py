"""Decide whether Twilio itself called, for this very channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channels import Channel, find_channel
from illumichat_sms_plugin.twilio_gateway.signature import joined, key_that_signed
from illumichat_sms_plugin.twilio_gateway.values import SigningKey

REREAD_AFTER = 1.0
"""Seconds: a channel that fails a check is read again, but forgers cannot make us read it faster."""
NOBODY: Sequence[SigningKey] = (SigningKey("nobody", Secret("nobody"), "HMAC_SHA1"),)
"""Checked in place of an unknown channel's keys: its refusal looks the same. It takes less time at the first look
and whenever a known one is read again, by what loading, decrypting and checking take (`./run bench refusals`); the ids of
assistants are no secret."""


@dataclass(frozen=True)
class WebhookRequest:
    """What was received, as far as the signature covers it. ``query`` is verbatim."""

    assistant_id: str
    path: str
    query: str
    params: tuple[tuple[str, str], ...] = field(repr=False)
    signature: str | None
    settings_header: str | None

    @cached_property
    def tail(self) -> bytes:
        """The form in signing order, joined once for all keys and addresses."""
        return joined(self.params)


def authenticate(runtime: Runtime, received: WebhookRequest) -> Channel | None:
    """The channel whose key signed the request, or None; a draft's key signs nothing.

    A token that was changed a moment ago in another process is honoured at once: before a request
    is refused, a cached channel is read again.
    """
    channel = find_channel(runtime, received.assistant_id)
    if _is_signed(runtime, channel, received):
        return channel
    channel = _read_again(runtime, received.assistant_id)
    return channel if channel is not None and _is_signed(runtime, channel, received) else None


def has_signed(runtime: Runtime, channel: Channel, received: WebhookRequest) -> bool:
    """Whether a key of ``channel`` made the signature, whichever assistant's address was called."""
    if _is_signed(runtime, channel, received):
        return True
    again = _read_again(runtime, channel.assistant_id)
    return again is not None and _is_signed(runtime, again, received)


def _read_again(runtime: Runtime, assistant_id: str) -> Channel | None:
    """The channel anew when what is cached may be outdated, else None."""
    age = runtime.channels.age(assistant_id)
    if age is None or age < REREAD_AFTER:
        return None
    runtime.channels.forget(assistant_id)
    return find_channel(runtime, assistant_id)


def _is_signed(runtime: Runtime, channel: Channel | None, received: WebhookRequest) -> bool:
    url = runtime.settings.public_url + received.path + (f"?{received.query}" if received.query else "")
    keys = channel.keys if channel is not None and channel.keys else NOBODY
    key = key_that_signed(url, received.tail, received.signature, keys, received.settings_header)
    return (
        channel is not None
        and key in channel.keys
        and channel.is_confirmed
        and _is_own_account(channel, received)
    )


def _is_own_account(channel: Channel, received: WebhookRequest) -> bool:
    """Twilio signs for whoever owns the account; it must be the one of this channel."""
    return ("AccountSid", channel.account_sid) in received.params
