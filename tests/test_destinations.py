"""Which numbers are answered: those of the channel's countries, and never a costly one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.destinations import EVERY, Destination, country_of, destination, own_countries

US, GB, FR, PR = "+15551234567", "+447400123456", "+33612345678", "+17872345678"
ANSWERED, OTHER, COSTLY = Destination.ANSWERED, Destination.OTHER_COUNTRY, Destination.COSTLY


@pytest.mark.parametrize(
    ("number", "own", "countries", "found"),
    [
        ("+12125551234", US, (), ANSWERED),
        ("+16045551234", US, (), ANSWERED),
        ("+15557654321", US, (), ANSWERED),  # in no table: by its calling code
        ("+18005550100", US, (), ANSWERED),
        (FR, US, (), OTHER),
        (PR, US, (), OTHER),
        (PR, PR, (), ANSWERED),
        ("+12125551234", PR, (), ANSWERED),
        (GB, GB, (), ANSWERED),
        ("+12125551234", GB, (), OTHER),
        (FR, US, ("US", "FR"), ANSWERED),
        (GB, US, ("US", "FR"), OTHER),
        ("+16045551234", US, ("US",), OTHER),
        (FR, US, (EVERY,), ANSWERED),
        ("+5352123456", US, (EVERY,), ANSWERED),
        ("+5352123456", US, (), OTHER),
    ],
)
def test_a_number_is(number: str, own: str, countries: tuple[str, ...], found: Destination) -> None:
    assert destination(number, own, countries) is found


@pytest.mark.parametrize("countries", [(), (EVERY,), ("US", "GB", "FR", "DE")])
@pytest.mark.parametrize(
    "number",
    [
        "+19005550100",  # premium, United States
        "+19001234567",  # the same range, not in use
        "+449012345678",  # premium, United Kingdom
        "+448431234567",  # shared cost, United Kingdom
        "+499001234567",  # premium, Germany
        "+33899123456",  # premium, France
        "+61190212345",  # premium, Australia
        "+9790123456",  # international premium
        "+979123456789",
        "+870773111632",  # Inmarsat
        "+881612345678",  # Iridium
        "+882345678901",  # international networks
        "+80012345678",  # UIFN
        "+80812345678",  # international shared cost
        "+99912345678",  # no such calling code
        "+12345678",  # too short to exist
        "+1555123456789",  # too long
    ],
)
def test_these_are_never_answered(number: str, countries: tuple[str, ...]) -> None:
    assert destination(number, US, countries) is COSTLY


@given(
    st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
)
def test_there_is_a_verdict_on_any_number(number: str, own: str) -> None:
    assert destination(number, own, ()) in set(Destination)
    assert own_countries(own)


def test_an_address_that_is_no_number_has_no_country() -> None:
    assert country_of("AMAZON") is None
