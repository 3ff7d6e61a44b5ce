"""What the checks of one run share, so that several ask the database or Twilio once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models.database import read_now
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, load_channel
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.number_services import find_service
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import account, owned_sender
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, OwnedNumber

Value = TypeVar("Value")


class NotConnected(SmsError):  # noqa: N818 - reads as what is the matter
    """There are no credentials to ask Twilio with."""


class Shared(Generic[Value]):
    """Found once, by the first check that asks; the others wait. An error is the same for all."""

    def __init__(self, find: Callable[[], Value]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._found: list[Value] = []
        self._error: SmsError | None = None

    def get(self) -> Value:
        """The value, or the error that finding it ended in."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if not self._found:
                try:
                    self._found.append(self._find())
                except SmsError as error:
                    self._error = error
                    raise
            return self._found[0]


@dataclass(frozen=True, slots=True)
class Examination:
    """One run's view of one assistant's channel. ``now`` is the database's time at the start."""

    runtime: Runtime
    assistant_id: str
    settings: ChannelSettings
    channel: Channel | None
    """None when not connected."""
    now: datetime
    account: Shared[AccountInfo]
    number: Shared[OwnedNumber | None]
    """None when the account does not own it."""
    service: Shared[MessagingService | None]
    """The Messaging Service that the number is in."""

    @classmethod
    def begin(cls, runtime: Runtime, assistant_id: str) -> Examination:
        """Read what is stored; asks Twilio nothing yet."""
        channel = load_channel(runtime, assistant_id)
        number = Shared(lambda: _number(runtime, channel))
        return cls(
            runtime=runtime,
            assistant_id=assistant_id,
            settings=read_settings(runtime, assistant_id),
            channel=channel,
            now=read_now(),
            account=Shared(lambda: account(client_of(runtime, channel))),
            number=number,
            service=Shared(lambda: _service(runtime, channel, number)),
        )

    @property
    def uses_api_key(self) -> bool:
        """Whether Twilio is called with an API key, which may not look at the account."""
        credentials = self.channel.credentials if self.channel is not None else None
        return credentials is not None and credentials.api_key_sid is not None

    def ask_something(self) -> None:
        """Call Twilio once; raises what that ended in."""
        if self.uses_api_key:
            self.number.get()
        else:
            self.account.get()

    def client(self) -> TwilioClient:
        """Twilio's client for the channel; NotConnected without credentials."""
        return client_of(self.runtime, self.channel)


def client_of(runtime: Runtime, channel: Channel | None) -> TwilioClient:
    """Twilio's client for ``channel``; NotConnected without credentials."""
    if channel is None or channel.credentials is None:
        raise NotConnected(say("SMS is not connected, or its Auth Token cannot be read."))
    return runtime.twilio.get(channel.credentials)


def _number(runtime: Runtime, channel: Channel | None) -> OwnedNumber | None:
    client = client_of(runtime, channel)
    assert channel is not None  # noqa: S101 - client_of has checked
    return owned_sender(client, channel.phone_number)


def _service(
    runtime: Runtime, channel: Channel | None, number: Shared[OwnedNumber | None]
) -> MessagingService | None:
    found = number.get()
    return find_service(client_of(runtime, channel), found) if found is not None else None
