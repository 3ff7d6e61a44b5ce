"""Messaging Services: a number in one may deliver to the service's URL instead of its own.

https://www.twilio.com/docs/messaging/api/service-resource
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from illumichat_sms_plugin.twilio_gateway.answers import (
    optional_text,
    read_pages,
    sid_in_path,
    text,
    understood,
)
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient

MAX_SERVICES = 20
"""How many services are looked through; each costs a request."""


@dataclass(frozen=True, slots=True)
class MessagingService:
    """A Messaging Service. Unless ``uses_number_url``, texts to its numbers go to ``inbound_url``."""

    sid: str
    name: str
    uses_number_url: bool
    inbound_url: str | None


def service_of_number(client: TwilioClient, number_sid: str) -> MessagingService | None:
    """The service whose sender pool the number (PN…) is in, or None if it is in none."""
    services = client.messaging.v1.services
    for found in read_pages(lambda size: services.page(page_size=size), MAX_SERVICES):
        numbers = services(sid_in_path(text(found.sid))).phone_numbers
        members = read_pages(lambda size, numbers=numbers: numbers.page(page_size=size), 400)  # type: ignore[misc]
        if any(text(member.sid) == number_sid for member in members):
            with understood():
                return _service(found)
    return None


def _service(found: Any) -> MessagingService:
    return MessagingService(
        sid=text(found.sid),
        name=text(found.friendly_name),
        uses_number_url=found.use_inbound_webhook_on_number is True,
        inbound_url=optional_text(found.inbound_request_url),
    )
