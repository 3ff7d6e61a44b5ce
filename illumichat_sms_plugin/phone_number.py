"""Phone numbers in E.164, and the other senders a text may have.

https://www.twilio.com/docs/glossary/what-e164
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from illumichat_sms_plugin.errors import InvalidInput

MAX_ADDRESS = 64
ANONYMOUS_NUMBER = "+266696687"
"""What Twilio gives for a withheld number: the digits spell ANONYMOUS."""
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_CHANNEL = re.compile(r"[a-z]{2,20}:")


class SenderKind(StrEnum):
    """What kind of address a text came from."""

    PHONE = "phone"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    ANONYMOUS = "anonymous"
    OTHER_CHANNEL = "other_channel"


@dataclass(frozen=True, slots=True)
class Sender:
    """A normalised address, at most 64 characters, and its kind."""

    address: str
    kind: SenderKind


def parse_sender(raw: str) -> Sender:
    """The sender of a text; total, whatever the address looks like."""
    address = (
        "".join(c for c in raw.strip() if c.isprintable()).encode("utf-8", "ignore").decode()[:MAX_ADDRESS]
    )
    if _CHANNEL.match(address.lower()):
        return Sender(address, SenderKind.OTHER_CHANNEL)
    if (
        not address
        or address == ANONYMOUS_NUMBER
        or address.lower() in ("anonymous", "unknown", "restricted")
    ):
        return Sender(address or "anonymous", SenderKind.ANONYMOUS)
    if _E164.fullmatch(address):
        return Sender(address, SenderKind.PHONE)
    if address.isascii() and address.isdigit() and len(address) <= 8:
        return Sender(address, SenderKind.SHORT_CODE)
    return Sender(address, SenderKind.ALPHANUMERIC)


def to_e164(text: str, region: str | None = None) -> str:
    """``text`` as E.164; InvalidInput with a helpful sentence when it is no possible number.

    ``region`` (ISO 3166) allows national spelling. Possible is enough: numbers kept for examples
    and newly opened ranges are not in the tables of valid ones.
    """
    try:
        number = phonenumbers.parse(text.strip()[:40], region)
    except phonenumbers.NumberParseException:
        raise InvalidInput("Write the number with + and country code, such as +15551234567.") from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("This number is too short or too long. Write it like +15551234567.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(address: str) -> str:
    """An address that can be told apart in a log and not called: ``+1555•••4567``."""
    if _E164.fullmatch(address):
        return f"{address[:5]}•••{address[-4:]}" if len(address) >= 12 else f"{address[:3]}•••{address[-2:]}"
    return "•••"
