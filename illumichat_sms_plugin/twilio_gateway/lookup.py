"""Looking at an account and its numbers, and pointing a number at the webhook."""

from __future__ import annotations

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
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, OwnedNumber


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
        if error.is_missing:
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


def owns_sender(client: TwilioClient, sender: str) -> bool:
    """Whether a number (E.164) or a short code is the account's; the senders of its Messaging Services are among them."""
    if sender.startswith("+"):
        return any(number.phone_number == sender for number in owned_numbers(client, sender))
    if not (sender.isascii() and sender.isdigit()):
        return False
    codes = client.short_codes
    try:
        pages = read_pages(lambda size: codes.page(page_size=size, short_code=sender), 50)
        return any(text(found.short_code) == sender for found in pages)
    except TwilioRefused as error:
        if error.is_missing:
            return False
        raise


def set_sms_webhook(
    client: TwilioClient, number_sid: str, *, sms_url: str, sms_method: str = "POST"
) -> OwnedNumber:
    """Let a number deliver to ``sms_url``, and leave all else about it as it is.

    Where the answer has an ``sms_application_sid``, that application goes before the URL.
    """
    number = client.incoming_phone_numbers(sid_in_path(number_sid))
    with understood():
        return _owned(number.update(sms_url=sms_url, sms_method=sms_method))


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
