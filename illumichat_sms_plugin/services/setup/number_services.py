"""Looking up the Messaging Services that numbers are in."""

from __future__ import annotations

from collections.abc import Iterable

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService, services_of_numbers
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber


def find_service(client: TwilioClient, number: OwnedNumber) -> MessagingService | None:
    """The Messaging Service that the number is in, or None."""
    return find_services(client, [number]).get(number.sid)


def find_services(client: TwilioClient, numbers: Iterable[OwnedNumber]) -> dict[str, MessagingService]:
    """The Messaging Service of each number that is in one, by the number's SID."""
    try:
        return services_of_numbers(client, [number.sid for number in numbers])
    except TwilioRefused as error:
        if error.refused_for_good:
            return {}  # a restricted account may not list services, and then has none of ours to name
        raise
