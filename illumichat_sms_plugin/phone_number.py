"""Phone numbers in E.164, and the other senders a text may have.

https://www.twilio.com/docs/glossary/what-e164
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneNumberFormat,
    ValidationResult,
)

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.pasted import plain_dashes, without_marks

MAX_ADDRESS = 64
MAX_PASTED = 200
ANONYMOUS_NUMBER = "+266696687"
"""What Twilio gives for a withheld number: the digits spell ANONYMOUS."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SPELLED_NUMBER = re.compile(r"\+?[0-9 ()./\-\u00a0]+")
_SPELLING = re.compile(r"[ ()./\-\u00a0]")
_SHORT_CODE = re.compile(r"\+?[0-9]{2,8}")
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9.-]{1,31}:")
_TEL = re.compile(r"tel:(?://)?", re.IGNORECASE)
_BETWEEN_DIGITS = r"[\s().\-/\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\ufeff]"
_NUMBER_IN_TEXT = re.compile(rf"\(?\+?(?:\d{_BETWEEN_DIGITS}*){{7,}}")
"""Seven digits or more, with what people and their phones put between them."""
_HIDDEN = "•••"
_EXAMPLE = "+15551234567"


class SenderKind(StrEnum):
    """What kind of address a text came from."""

    PHONE = "phone"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    ANONYMOUS = "anonymous"
    OTHER_CHANNEL = "other_channel"


@dataclass(frozen=True, slots=True)
class Sender:
    """A normalised address of 1 to 64 characters, and its kind. Only a PHONE can be answered."""

    address: str
    kind: SenderKind


def parse_sender(raw: str) -> Sender:
    """The sender of a text; total, whatever the address looks like.

    One number has one address however it is spelled, so that it has one session.
    """
    address = "".join(char for char in raw if char.isprintable()).strip()[:MAX_ADDRESS]
    if _CHANNEL.match(address):
        return Sender(address, SenderKind.OTHER_CHANNEL)
    if not address or address.lower() == "anonymous":
        return Sender("anonymous", SenderKind.ANONYMOUS)
    if _SPELLED_NUMBER.fullmatch(address) and _SPELLING.sub("", address):
        address = _SPELLING.sub("", address)
    if address == ANONYMOUS_NUMBER:
        return Sender(address, SenderKind.ANONYMOUS)
    if _E164.fullmatch(address):
        return Sender(address, SenderKind.PHONE)
    if _SHORT_CODE.fullmatch(address):
        return Sender(address, SenderKind.SHORT_CODE)
    return Sender(address, SenderKind.ALPHANUMERIC)


def to_e164(text: str, region: str | None = None) -> str:
    """``text`` as E.164; InvalidInput with a helpful sentence when it is no possible number.

    ``region`` (ISO 3166, such as ``US``) allows national spelling; without it ``+`` and the country
    code are needed. Possible is enough: numbers reserved for examples, and newly opened ranges, are
    not in the tables of valid numbers.
    """
    spelled = _spelled(text[:MAX_PASTED])
    if not spelled:
        raise InvalidInput(say("Enter a phone number, such as {example}.", example=_EXAMPLE))
    if not _SPELLED_NUMBER.fullmatch(spelled):
        raise InvalidInput(
            say(
                "A phone number has digits only, with + and the country code, such as {example}.",
                example=_EXAMPLE,
            )
        )
    try:
        number = phonenumbers.parse(spelled, region)
    except NumberParseException as error:
        raise InvalidInput(_unreadable(spelled, error)) from None
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            pass
        case ValidationResult.TOO_LONG:
            raise InvalidInput(
                say(
                    "This number has too many digits. Write it in E.164, such as {example}.", example=_EXAMPLE
                )
            )
        case _:
            raise InvalidInput(
                say("This number has too few digits. Write it in E.164, such as {example}.", example=_EXAMPLE)
            )
    formatted = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not _E164.fullmatch(formatted) or _read_again(formatted) != formatted:
        raise InvalidInput(
            say(
                "This number does not fit E.164, which has at most 15 digits, such as {example}.",
                example=_EXAMPLE,
            )
        )
    return formatted


def _read_again(formatted: str) -> str:
    """The same, unless zeros at the beginning are read as a prefix."""
    return phonenumbers.format_number(phonenumbers.parse(formatted), PhoneNumberFormat.E164)


def _spelled(pasted: str) -> str:
    """A number as it was meant: any dash a hyphen, no invisible marks, no ``tel:`` with its parameters."""
    plain = without_marks(unicodedata.normalize("NFKC", plain_dashes(pasted)))
    return _TEL.sub("", plain).split(";")[0].strip() if _TEL.match(plain) else plain


def mask(address: str) -> str:
    """An address for logs and pages that can be told apart and not called: ``+1555•••4567``.

    At least three digits are hidden; of whatever is no full phone number, everything is.
    """
    channel = _CHANNEL.match(address)
    prefix = channel.group().lower() if channel else ""
    number = address[len(prefix) :]
    if not _E164.fullmatch(number):
        return prefix + _HIDDEN
    code = _country_code(number)
    own = len(number) - 1 - len(code)
    tail = 4 if own >= 9 else 2
    head = max(0, min(3, own - tail - 3))
    return f"{prefix}+{number[1 : 1 + len(code) + head]}{_HIDDEN}{number[-tail:]}"


def mask_numbers_in(text: str) -> str:
    """``text`` with every phone number in it masked, however it is spelled; in NFKC where there is one.

    Any seven digits in a row count as a number, so a date may be hidden too.
    """
    plain = unicodedata.normalize("NFKC", text)
    return _NUMBER_IN_TEXT.sub(_masked, plain) if _NUMBER_IN_TEXT.search(plain) else text


def _masked(found: re.Match[str]) -> str:
    """The number alone is masked; a bracket around it and what stands behind it are no part of it."""
    written = found.group()
    number = written[: max(at for at, char in enumerate(written) if char.isdecimal()) + 1]
    opened = "(" if written[0] == "(" and ")" not in number else ""
    digits = "".join(str(int(char)) for char in number if char.isdecimal())
    return opened + mask(f"+{digits}") + written[len(number) :]


def _unreadable(spelled: str, error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not spelled.startswith("+"):
        return say("Write the number with + and the country code, such as {example}.", example=_EXAMPLE)
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return say(
            "There is no such country code. Write the number in E.164, such as {example}.", example=_EXAMPLE
        )
    return say("This is not a phone number. Write it in E.164, such as {example}.", example=_EXAMPLE)


def _country_code(number: str) -> str:
    """The country code of an E.164 number; one digit where the code is unknown."""
    codes = (number[1 : 1 + length] for length in (1, 2, 3))
    return next((code for code in codes if int(code) in COUNTRY_CODE_TO_REGION_CODE), number[1])
