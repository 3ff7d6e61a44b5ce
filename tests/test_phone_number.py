"""Who sent a text, whatever Twilio calls it; and numbers as an admin types them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.phone_number import (
    Sender,
    SenderKind,
    mask,
    mask_numbers_in,
    parse_sender,
    to_e164,
)

ANYTHING = (
    st.text()
    | st.text("+0123456789 ()-:.", max_size=30)
    | st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
)


@pytest.mark.parametrize(
    ("raw", "address", "kind"),
    [
        ("+15551234567", "+15551234567", SenderKind.PHONE),
        ("+4915112345678", "+4915112345678", SenderKind.PHONE),
        ("+2901234", "+2901234", SenderKind.PHONE),
        ("+1 (555) 123-4567", "+15551234567", SenderKind.PHONE),
        (" +15551234567\n", "+15551234567", SenderKind.PHONE),
        ("12345", "12345", SenderKind.SHORT_CODE),
        ("+12345", "+12345", SenderKind.SHORT_CODE),
        ("SUPPORT", "SUPPORT", SenderKind.ALPHANUMERIC),
        ("ACME Shop 24", "ACME Shop 24", SenderKind.ALPHANUMERIC),
        ("+0123456789", "+0123456789", SenderKind.ALPHANUMERIC),
        ("+1555123456789012345", "+1555123456789012345", SenderKind.ALPHANUMERIC),
        ("+١٥٥٥١٢٣٤٥٦٧", "+١٥٥٥١٢٣٤٥٦٧", SenderKind.ALPHANUMERIC),
        ("+266696687", "+266696687", SenderKind.ANONYMOUS),
        ("Anonymous", "anonymous", SenderKind.ANONYMOUS),
        ("", "anonymous", SenderKind.ANONYMOUS),
        ("\x00 \ud800", "anonymous", SenderKind.ANONYMOUS),
        ("whatsapp:+15551234567", "whatsapp:+15551234567", SenderKind.OTHER_CHANNEL),
        ("WhatsApp:+15551234567", "WhatsApp:+15551234567", SenderKind.OTHER_CHANNEL),
        ("rcs:acme_agent", "rcs:acme_agent", SenderKind.OTHER_CHANNEL),
        ("messenger:102342", "messenger:102342", SenderKind.OTHER_CHANNEL),
    ],
)
def test_every_kind_of_sender_is_told_apart(raw: str, address: str, kind: SenderKind):
    assert parse_sender(raw) == Sender(address, kind)


@given(ANYTHING)
def test_any_sender_has_an_address_that_can_be_stored(raw: str):
    sender = parse_sender(raw)
    assert 1 <= len(sender.address) <= 64
    assert sender.address.isprintable()
    sender.address.encode()


@given(ANYTHING)
def test_reading_an_address_again_changes_nothing(raw: str):
    sender = parse_sender(raw)
    assert parse_sender(sender.address) == sender


@given(ANYTHING)
def test_only_e164_counts_as_a_phone(raw: str):
    sender = parse_sender(raw)
    assert (sender.kind is SenderKind.PHONE) == (
        bool(re.fullmatch(r"\+[1-9][0-9]{6,14}", sender.address)) and sender.address != "+266696687"
    )


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("+15551234567", None, "+15551234567"),
        (" +1 (555) 123-4567 ", None, "+15551234567"),
        ("+1.555.123.4567", None, "+15551234567"),
        ("+44 20 7946 0958", None, "+442079460958"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("+１５５５１２３４５６７", None, "+15551234567"),
        ("(555) 123-4567", "US", "+15551234567"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("+15551234567", "GB", "+15551234567"),
    ],
)
def test_a_number_is_understood_in_its_usual_spellings(typed: str, region: str | None, expected: str):
    assert to_e164(typed, region) == expected


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", "Enter a phone number"),
        ("   ", "Enter a phone number"),
        ("5551234567", "country code"),
        ("0044 20 7946 0958", "country code"),
        ("+999 1234567", "no such country code"),
        ("+1 1234567", "too few"),
        ("+1 555 123", "too few"),
        ("+1 555 123 4567 89", "too many"),
        ("+49 1511 2345 6789 012", "at most 15 digits"),
        ("+9500000000", "does not fit E.164"),
        ("SUPPORT", "digits only"),
        ("+1 800 FLOWERS", "digits only"),
        ("+15551234567 ext. 5", "digits only"),
        ("call +15551234567", "digits only"),
        ("whatsapp:+15551234567", "digits only"),
        ("++", "digits only"),
        ("+", "digits only"),
        ("12", "country code"),
        ("+" + "1" * 10_000, "not a phone number"),
        ("\ud800", "digits only"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_a_hint(typed: str, hint: str):
    with pytest.raises(InvalidInput, match=re.escape(hint)) as refused:
        to_e164(typed)
    assert "+15551234567" in str(refused.value)


@given(ANYTHING, st.sampled_from([None, "US", "GB", "DE", "XX", ""]))
def test_any_input_gives_e164_or_a_sentence(typed: str, region: str | None):
    try:
        number = to_e164(typed, region)
    except InvalidInput:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}", number)
    assert to_e164(number) == number
    assert parse_sender(number).address == number


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("+15551234567", "+1555•••4567"),
        ("+442079460958", "+44207•••0958"),
        ("+4791234567", "+47912•••67"),
        ("+2901234", "+290•••34"),
        ("whatsapp:+15551234567", "whatsapp:+1555•••4567"),
        ("12345", "•••"),
        ("SUPPORT", "•••"),
        ("+1234", "•••"),
        ("", "•••"),
    ],
)
def test_a_masked_address_can_be_told_apart_and_not_called(address: str, masked: str):
    assert mask(address) == masked


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_masked_number_shows_at_most_its_country_code_three_digits_and_the_last_four(number: str):
    head, tail = mask(number).split("•••")
    assert number.startswith(head)
    assert number.endswith(tail)
    assert len(head) <= 1 + 3 + 3
    assert 2 <= len(tail) <= 4
    assert len(number) - len(head) - len(tail) >= 2
    assert mask(mask(number)) == "•••"


@given(ANYTHING)
def test_masking_is_total_and_what_is_no_phone_number_is_hidden(address: str):
    shown = mask(address)
    assert "•••" in shown
    assert address not in shown or not address or address.endswith(":") or address in "•••"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call +15557654321.", "Call +1555•••4321."),
        ("She is at +1 (555) 765-4321, he waits", "She is at +1555•••4321, he waits"),
        ("(+15557654321) and (0171) 1234567", "(+1555•••4321) and •••"),
        ("Tel٠١٧١١٢٣٤٥٦٧", "Tel•••"),
        ("+1\u2011555\u200b765\u20604321", "+1555•••4321"),
        ("＋１５５５７６５４３２１", "+1555•••4321"),
        ("+15557654321\n+15557650002", "+1555•••4321\n+1555•••0002"),
        ("Half of it… is ½", "Half of it… is ½"),
        ("Order 123456 of 2026, 5,000,000 texts", "Order 123456 of 2026, 5,000,000 texts"),
        ("", ""),
    ],
)
def test_every_number_in_a_text_is_masked_and_the_rest_stays(text: str, masked: str):
    assert mask_numbers_in(text) == masked


@given(
    st.text("+0123456789 ()-.", max_size=40),
    st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    st.text(max_size=10),
)
def test_no_number_can_be_called_that_stood_in_a_text(before: str, number: str, after: str):
    assert number not in mask_numbers_in(before + number + after)
