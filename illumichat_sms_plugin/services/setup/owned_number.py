"""Looking up one number of an account, and the Messaging Service it is in."""

from __future__ import annotations

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.lookup import owned_numbers
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService, service_of_number
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber


def find_owned(client: TwilioClient, phone_number: str) -> OwnedNumber | None:
    """The account's number that is exactly ``phone_number``; Twilio's filter finds parts of numbers too."""
    listed = owned_numbers(client, phone_number)
    return next((number for number in listed if number.phone_number == phone_number), None)


def find_service(client: TwilioClient, number: OwnedNumber) -> MessagingService | None:
    """The Messaging Service that the number is in, or None."""
    try:
        return service_of_number(client, number.sid)
    except TwilioRefused as error:
        if error.refused_for_good:
            return None  # a restricted account may not list services, and then has none of ours to name
        raise
