"""Messaging Services: a number in one may deliver to the service's URL instead of its own.

https://www.twilio.com/docs/messaging/api/service-resource
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import SHORT_CODE
from illumichat_sms_plugin.twilio_gateway.response_fields import (
    optional_text,
    read_pages,
    sid_in_path,
    text,
    understood,
)

MAX_SERVICES = 20
"""How many services are looked through; each costs a request, and one more where short codes are looked for."""
MAX_MEMBERS = 400


@dataclass(frozen=True, slots=True)
class MessagingService:
    """A Messaging Service. Unless ``uses_number_url``, texts to its numbers go to ``inbound_url``."""

    sid: str
    name: str
    uses_number_url: bool
    inbound_url: str | None
    inbound_method: str | None = None
    fallback_url: str | None = None


def service_of_number(client: TwilioClient, number_sid: str) -> MessagingService | None:
    """The service whose sender pool the number (PN…) or short code (SC…) is in, or None if it is in none."""
    return services_of_numbers(client, [number_sid]).get(number_sid)


def services_of_numbers(client: TwilioClient, sids: Collection[str]) -> dict[str, MessagingService]:
    """The service of each number that is in one, by the number's SID."""
    wanted, found = set(sids), dict[str, MessagingService]()
    services = client.messaging.v1.services
    for listed in read_pages(lambda size: services.page(page_size=size), MAX_SERVICES) if wanted else ():
        members = wanted & set(_members(services(sid_in_path(text(listed.sid))), wanted))
        with understood():
            found |= dict.fromkeys(members, _service(listed))
        wanted -= members
        if not wanted:
            break
    return found


def _members(service: Any, wanted: Collection[str]) -> Iterator[str]:
    kinds = []
    if any(not sid.startswith(SHORT_CODE) for sid in wanted):
        kinds.append(service.phone_numbers)
    if any(sid.startswith(SHORT_CODE) for sid in wanted):
        kinds.append(service.short_codes)
    for kind in kinds:
        for member in read_pages(lambda size, kind=kind: kind.page(page_size=size), MAX_MEMBERS):  # type: ignore[misc]
            yield text(member.sid)


def _service(found: Any) -> MessagingService:
    return MessagingService(
        sid=text(found.sid),
        name=text(found.friendly_name),
        uses_number_url=found.use_inbound_webhook_on_number is True,
        inbound_url=optional_text(found.inbound_request_url),
        inbound_method=optional_text(found.inbound_method),
        fallback_url=optional_text(found.fallback_url),
    )
