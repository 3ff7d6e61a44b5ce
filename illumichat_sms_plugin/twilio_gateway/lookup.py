"""Looking at an account and its numbers, and pointing a number at the webhook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from illumichat_sms_plugin.errors import TwilioRefused
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.response_fields import (
    LARGEST_PAGE,
    PAGE_SIZE,
    money,
    optional_text,
    read_pages,
    sid_in_path,
    text,
    understood,
)
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, OwnedNumber

SHORT_CODE = "SC"
"""How the SID of a short code begins; that of a number begins with PN."""
FEW = 3
"""So many numbers are looked up one by one; for more, listing the account's is cheaper."""


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
    client: TwilioClient, phone_number: str | None = None, limit: int = 200, page_size: int = PAGE_SIZE
) -> list[OwnedNumber]:
    """The account's numbers, or the one that is ``phone_number`` (E.164) in a list, empty if it is not there."""
    filters = {"phone_number": phone_number} if phone_number else {}
    numbers = client.incoming_phone_numbers
    return [
        _owned(found)
        for found in read_pages(lambda size: numbers.page(page_size=size, **filters), limit, page_size)
    ]


def owned_sender(client: TwilioClient, sender: str) -> OwnedNumber | None:
    """The account's number (E.164) or short code that is exactly ``sender``; Twilio's filter finds parts of one too.

    The senders of the account's Messaging Services are among them.
    """
    if sender.startswith("+"):
        listed = owned_numbers(client, sender)
    elif sender.isascii() and sender.isdigit():
        listed = _short_codes(client, sender)
    else:
        return None
    return next((number for number in listed if number.phone_number == sender), None)


def owned_senders(client: TwilioClient, senders: Sequence[str]) -> dict[str, OwnedNumber]:
    """Those of ``senders`` that Twilio shows us: looked up one by one, or many by one listing of the account.

    A short code is missing too when the API key may not read short codes.
    """
    found: dict[str, OwnedNumber] = {}
    all_listed = False
    if len(senders) > FEW:
        listed = owned_numbers(client, limit=LARGEST_PAGE, page_size=LARGEST_PAGE)
        all_listed = len(listed) < LARGEST_PAGE
        found = {number.phone_number: number for number in listed if number.phone_number in senders}
    for sender in senders:
        if sender in found or (all_listed and sender.startswith("+")):
            continue
        try:
            number = owned_sender(client, sender)
        except TwilioRefused as error:
            if sender.startswith("+") or not error.refused_for_good:
                raise
            continue
        if number is not None:
            found[sender] = number
    return found


def _short_codes(client: TwilioClient, code: str) -> list[OwnedNumber]:
    codes = client.short_codes
    try:
        pages = read_pages(lambda size: codes.page(page_size=size, short_code=code), 50)
        return [_short_code(found) for found in pages]
    except TwilioRefused as error:
        if error.is_missing:
            return []
        raise


def set_sms_webhook(
    client: TwilioClient, number_sid: str, *, sms_url: str, sms_method: str = "POST"
) -> OwnedNumber:
    """Let a number or short code deliver to ``sms_url``, and leave all else about it as it is.

    Where the response has an ``sms_application_sid``, that application goes before the URL.
    """
    sid = sid_in_path(number_sid)
    if sid.startswith(SHORT_CODE):
        with understood():
            return _short_code(client.short_codes(sid).update(sms_url=sms_url, sms_method=sms_method))
    with understood():
        return _owned(client.incoming_phone_numbers(sid).update(sms_url=sms_url, sms_method=sms_method))


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


def _short_code(code: Any) -> OwnedNumber:
    return OwnedNumber(
        sid=text(code.sid),
        phone_number=text(code.short_code),
        friendly_name=text(code.friendly_name),
        sms=True,
        mms=False,
        sms_url=optional_text(code.sms_url),
        sms_method=optional_text(code.sms_method),
        sms_fallback_url=optional_text(code.sms_fallback_url),
        sms_application_sid=None,
    )
