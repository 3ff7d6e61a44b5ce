"""Which numbers a channel answers, by their country; and which nobody should: they cost, or cannot exist.

A number in a range that is not in the tables, such as 555 for examples, counts by its calling code.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import SUPPORTED_REGIONS, NumberParseException, PhoneNumberType, ValidationResult

EVERY = "*"
"""Instead of countries: all of them."""
NORTH_AMERICA = ("US", "CA")
"""What a number with the calling code 1 answers unless its channel says otherwise."""
COUNTRIES: frozenset[str] = frozenset(SUPPORTED_REGIONS)
"""ISO 3166 codes."""

_COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_NO_COUNTRY = "001"
"""Satellites, international premium and freephone numbers, networks at sea: a calling code, and no country behind it."""
_COSTLY_RANGES = {1: ("900",), 33: ("89",), 44: ("9",), 49: ("900",), 61: ("19",)}
"""Whole ranges by calling code, also where a number in them is not in use."""


class Destination(StrEnum):
    """What a number is to a channel."""

    ANSWERED = "answered"
    OTHER_COUNTRY = "other_country"
    COSTLY = "costly"
    """A premium, shared-cost or satellite number, or one that cannot exist: never answered."""


@lru_cache(maxsize=4096)
def country_of(number: str) -> str | None:
    """The country (ISO 3166) of an E.164 number, or None where there is none that anybody should answer."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return None
    code = parsed.country_code or 0
    main = phonenumbers.region_code_for_country_code(code)
    possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    if main == _NO_COUNTRY or not possible:
        return None
    national = phonenumbers.national_significant_number(parsed)
    if national.startswith(_COSTLY_RANGES.get(code, ())):
        return None
    region = phonenumbers.region_code_for_number(parsed)
    # A number without a region has no type, and in North America only 900 costs. The type is slow to find out.
    if region and region not in NORTH_AMERICA and phonenumbers.number_type(parsed) in _COSTLY:
        return None
    return region or main


def own_countries(number: str) -> tuple[str, ...]:
    """What a channel with this number answers unless it says otherwise."""
    own = country_of(number) or "US"
    if not number.startswith("+1"):
        return (own,)
    return NORTH_AMERICA if own in NORTH_AMERICA else (own, *NORTH_AMERICA)


def destination(number: str, own: str, countries: Collection[str]) -> Destination:
    """What ``number`` is to the channel of ``own`` that answers ``countries``: none means its own, ``*`` every one."""
    country = country_of(number)
    if country is None:
        return Destination.COSTLY
    if EVERY in countries or country in (countries or own_countries(own)):
        return Destination.ANSWERED
    return Destination.OTHER_COUNTRY
