"""Webhook Setup: the addresses for Twilio, and pointing the number at ours through Twilio's API."""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import Channel, load_channel
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.setup.owned_number import find_owned, find_service
from illumichat_sms_plugin.services.setup.webhook_target import (
    RETRY_RULES,
    Target,
    TargetKind,
    judge_target,
    safe_url,
)
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import set_sms_webhook
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber

LOOKS, PERIOD = 60, 600
"""How often a person may have Twilio asked about the webhook, in so many seconds."""


class ForeignWebhook(Conflict):
    """The number delivers elsewhere, and no person has agreed to end that. ``url`` is what to agree to."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The number delivers to {url} now. Say that this may be replaced.")
        self.url = url


@dataclass(frozen=True, slots=True)
class WebhookUrls:
    """What goes into Twilio's Console, retry rules included."""

    inbound: str
    status: str


@dataclass(frozen=True, slots=True)
class WebhookView:
    """Where the number's texts go now. ``replaces`` must be named to replace a foreign webhook."""

    number: OwnedNumber
    target: Target
    urls: WebhookUrls
    replaces: str | None


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
    runtime: Runtime, assistant_id: str, *, by: Person, replaces: str | None = None
) -> tuple[WebhookView, WebhookView]:
    """Point the number at us and return how it was before and how it is after.

    ForeignWebhook unless ``replaces`` names the foreign address that is there at this moment.
    """
    spend(f"webhook/person/{by.id}", limit=LOOKS, period=PERIOD)
    channel, client = _connected(runtime, assistant_id)
    spend(f"webhook/workspace/{channel.workspace_id}", limit=LOOKS, period=PERIOD)
    before = _look(runtime, channel, client)
    if before.target.is_overridden:
        raise Conflict(f"{before.target.sentence} {before.target.do}")
    if before.replaces is not None and replaces != before.replaces:
        raise ForeignWebhook(before.replaces)
    set_sms_webhook(client, before.number.sid, sms_url=before.urls.inbound, sms_method="POST")
    after = _look(runtime, channel, client)
    with transaction() as connection:
        change = audit.changed("webhook", safe_url(before.number.sms_url), safe_url(after.number.sms_url))
        audit.record(connection, channel.id, by, "webhook_set", [change])
    return before, after


def _connected(runtime: Runtime, assistant_id: str) -> tuple[Channel, TwilioClient]:
    channel = load_channel(runtime, assistant_id)
    if channel is None:
        raise NotFound("SMS is not connected for this assistant. Save its credentials first.")
    if channel.credentials is None:
        raise Conflict("The stored Auth Token cannot be read any more. Enter it again and save.")
    return channel, runtime.twilio.get(channel.credentials)


def _look(runtime: Runtime, channel: Channel, client: TwilioClient) -> WebhookView:
    number = find_owned(client, channel.phone_number)
    if number is None:
        raise NotFound(
            f"The account does not own {channel.phone_number} any more. Use Test Credentials to see its numbers."
        )
    expected = runtime.settings.webhook_url(channel.assistant_id)
    target = judge_target(number, find_service(client, number), expected)
    foreign = target.kind is TargetKind.FOREIGN
    urls = webhook_urls(runtime.settings, channel.assistant_id)
    return WebhookView(number, target, urls, target.url if foreign else None)
