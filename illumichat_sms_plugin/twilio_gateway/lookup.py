"""Looking at an account and its numbers, and pointing a number at the webhook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.answers import (
    money,
    optional_text,
    read_pages,
    sid_in_path,
    text,
    understood,
)
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, MessagingService, OwnedNumber

_SERVICE_PAGE = 100


def account(client: TwilioClient) -> AccountInfo:
    """The account the credentials belong to; TwilioRefused with 20003 if they are wrong."""
    with understood():
        found = client.api.v2010.accounts(sid_in_path(client.account_sid)).fetch()
    # ``found`` also holds the Auth Token, and goes no further.
    return AccountInfo(
        sid=text(found.sid),
        friendly_name=text(found.friendly_name),
        status=text(found.status),
        type=text(found.type),
    )


def balance(client: TwilioClient) -> Balance | None:
    """What is left on the account; None for a subaccount, which has no balance of its own."""
    try:
        with understood():
            found = client.api.v2010.account.balance.fetch()
    except TwilioRefused as error:
        if error.twilio_http_status == 404:
            return None
        raise
    amount, currency = money(found.balance), text(found.currency)
    return Balance(amount, currency) if amount is not None and currency else None


def owned_numbers(
    client: TwilioClient, phone_number: str | None = None, limit: int = 200
) -> list[OwnedNumber]:
    """The account's numbers, or the one that is ``phone_number`` (E.164) in a list, empty if it is not there."""
    filters = {"phone_number": phone_number} if phone_number else {}
    numbers = client.incoming_phone_numbers
    return [
        _owned(found) for found in read_pages(lambda size: numbers.page(page_size=size, **filters), limit)
    ]


def set_sms_webhook(
    client: TwilioClient, number_sid: str, *, sms_url: str, sms_method: str = "POST"
) -> OwnedNumber:
    """Let a number deliver to ``sms_url``, and leave all else about it as it is.

    Where the answer has an ``sms_application_sid``, that application goes before the URL.
    """
    number = client.incoming_phone_numbers(sid_in_path(number_sid))
    with understood():
        return _owned(number.update(sms_url=sms_url, sms_method=sms_method))


def messaging_service_of(client: TwilioClient, number_sid: str) -> MessagingService | None:
    """The Messaging Service a number belongs to, or None.

    Twilio cannot be asked directly: one call for the services and one for each, of which the first 20 are looked
    at, with up to 400 numbers each, Twilio's limit.
    """
    services = client.messaging.v1.services
    for service in read_pages(lambda size: services.page(page_size=size), 20, _SERVICE_PAGE):
        if any(member.sid == number_sid for member in _members(client, text(service.sid))):
            return MessagingService(
                sid=text(service.sid),
                friendly_name=text(service.friendly_name),
                inbound_url=optional_text(service.inbound_request_url),
                uses_number_webhook=service.use_inbound_webhook_on_number is True,
            )
    return None


def _members(client: TwilioClient, service_sid: str) -> Iterator[Any]:
    numbers = client.messaging.v1.services(sid_in_path(service_sid)).phone_numbers
    return read_pages(lambda size: numbers.page(page_size=size), 400, _SERVICE_PAGE)


def _owned(number: Any) -> OwnedNumber:
    capabilities = number.capabilities if isinstance(number.capabilities, dict) else {}
    return OwnedNumber(
        sid=text(number.sid),
        phone_number=text(number.phone_number),
        friendly_name=text(number.friendly_name),
        sms=capabilities.get("sms") is True,
        mms=capabilities.get("mms") is True,
        sms_url=optional_text(number.sms_url),
        sms_method=optional_text(number.sms_method),
        sms_fallback_url=optional_text(number.sms_fallback_url),
        sms_application_sid=optional_text(number.sms_application_sid),
    )
