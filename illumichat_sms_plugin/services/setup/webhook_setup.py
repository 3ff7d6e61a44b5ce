"""Webhook Setup: the addresses for Twilio, and pointing the channel's numbers at ours through Twilio's API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select, update

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import Channel, forget_channel, load_channel
from illumichat_sms_plugin.services.further_numbers import answered_numbers
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.setup.number_webhooks import NumberWebhook, look_at_numbers
from illumichat_sms_plugin.services.setup.webhook_target import RETRY_RULES, Target, safe_url
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import set_sms_webhook

LOOKS, PERIOD = 60, 600
"""How often a person may have Twilio asked about the webhook, in so many seconds."""
WEBHOOK_CHECK = "webhook_url"
"""The Doctor's check of where Twilio delivers."""


class ForeignWebhook(Conflict):
    """The number delivers elsewhere, and no person has agreed to end that. ``url`` is what to agree to."""

    def __init__(self, url: str) -> None:
        super().__init__(say("The number delivers to {url} now. Say that this may be replaced.", url=url))
        self.url = url


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """What goes into Twilio's Console, retry rules included."""

    inbound: str
    status: str


@dataclass(frozen=True, slots=True)
class WebhookView:
    """Where the texts go now: of the channel's own number, and of each further one that is answered."""

    own: NumberWebhook
    urls: WebhookUrls
    further: tuple[NumberWebhook, ...] = ()
    missing: tuple[str, ...] = ()
    """Further numbers that Twilio does not show us any more."""

    @property
    def target(self) -> Target:
        """Where the texts of the channel's own number go."""
        return self.own.target

    @property
    def replaces(self) -> str | None:
        """What must be named to replace the foreign address of the channel's own number."""
        return self.own.replaces

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to set, at any number."""
        return all(one.target.is_right for one in (self.own, *self.further)) and not self.missing

    @property
    def may_be_set(self) -> bool:
        """Whether setting may change something, perhaps after a question."""
        return any(one.may_be_set(one.replaces) for one in (self.own, *self.further))


def webhook_urls(settings: Settings, assistant_id: str) -> WebhookUrls:
    """The two addresses of an assistant."""
    return WebhookUrls(
        settings.webhook_url(assistant_id) + RETRY_RULES, settings.status_url(assistant_id) + RETRY_RULES
    )


def look_at_webhook(runtime: Runtime, assistant_id: str, *, by: Person) -> WebhookView:
    """Ask Twilio where the number's texts go. NotFound without a connection, TwilioError, RateLimited."""
    spend(f"webhook/person/{by.id}", limit=LOOKS, period=PERIOD)
    channel, client = _connected(runtime, assistant_id)
    spend(f"webhook/workspace/{channel.workspace_id}", limit=LOOKS, period=PERIOD)
    return _look(runtime, channel, client)


def set_webhook(
    runtime: Runtime,
    assistant_id: str,
    *,
    by: Person,
    replaces: str | None = None,
    further: Mapping[str, str] = MappingProxyType({}),
) -> tuple[WebhookView, WebhookView]:
    """Point the channel's numbers at us and return how it was before and how it is after.

    ForeignWebhook unless ``replaces`` names the foreign address that is there at this moment. ``further`` names
    those of further numbers; one that is not named there is left alone.
    """
    spend(f"webhook/person/{by.id}", limit=LOOKS, period=PERIOD)
    channel, client = _connected(runtime, assistant_id)
    spend(f"webhook/workspace/{channel.workspace_id}", limit=LOOKS, period=PERIOD)
    before = _look(runtime, channel, client)
    for one in _to_set(before, replaces, further):
        set_sms_webhook(client, one.number.sid, sms_url=before.urls.inbound, sms_method="POST")
        _note(channel, one, before.urls.inbound, by)
    _examine_anew(runtime, channel)
    return before, _look(runtime, channel, client)


def _to_set(before: WebhookView, replaces: str | None, further: Mapping[str, str]) -> Iterator[NumberWebhook]:
    """The numbers to set. Everything is checked before the first is set."""
    agreed = {one.number.phone_number: further.get(one.number.phone_number) for one in before.further}
    agreed[before.own.number.phone_number] = replaces
    numbers = (before.own, *before.further)
    for one in numbers:
        named = agreed[one.number.phone_number]
        if one.replaces is not None and named != one.replaces and (named is not None or one is before.own):
            raise ForeignWebhook(one.replaces)
    due = [one for one in numbers if one.may_be_set(agreed[one.number.phone_number])]
    if not due and before.target.is_overridden:
        raise Conflict(joined(" ", (before.target.sentence, before.target.do)))
    return iter(due)


def _note(channel: Channel, one: NumberWebhook, inbound: str, by: Person) -> None:
    field = "webhook" if one.number.phone_number == channel.phone_number else one.number.phone_number
    with transaction() as connection:
        change = audit.changed(field, safe_url(one.number.sms_url), safe_url(inbound))
        audit.record(connection, channel.id, by, "webhook_set", [change])


def _examine_anew(runtime: Runtime, channel: Channel) -> None:
    """What housekeeping found about the webhook is over, and it looks again at its next round, not in an hour."""
    its_own = SmsChannel.id == channel.id
    with transaction() as connection:
        found = connection.scalar(select(SmsChannel.found).where(its_own).with_for_update()) or []
        left = [entry for entry in found if entry["name"] != WEBHOOK_CHECK]
        values = {"found": left or None, "examined_at": None, "updated_at": SmsChannel.updated_at}
        connection.execute(update(SmsChannel).where(its_own).values(values))
    forget_channel(runtime, channel.assistant_id)


def _connected(runtime: Runtime, assistant_id: str) -> tuple[Channel, TwilioClient]:
    channel = load_channel(runtime, assistant_id)
    if channel is None:
        raise NotFound(say("SMS is not connected for this assistant. Save its credentials first."))
    if channel.credentials is None:
        raise Conflict(say("The stored Auth Token cannot be read any more. Enter it again and save."))
    return channel, runtime.twilio.get(channel.credentials)


def _look(runtime: Runtime, channel: Channel, client: TwilioClient) -> WebhookView:
    further = answered_numbers(channel.id) if channel.is_confirmed else []
    expected = runtime.settings.webhook_url(channel.assistant_id)
    found = look_at_numbers(client, [channel.phone_number, *further], expected)
    if channel.phone_number not in found:
        raise NotFound(
            say(
                "The account does not own {number} any more. Use Test Credentials to see its numbers.",
                number=channel.phone_number,
            )
        )
    return WebhookView(
        own=found[channel.phone_number],
        urls=webhook_urls(runtime.settings, channel.assistant_id),
        further=tuple(found[number] for number in further if number in found),
        missing=tuple(number for number in further if number not in found),
    )
