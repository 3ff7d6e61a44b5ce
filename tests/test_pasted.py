"""Marks that nobody sees are not what somebody meant to paste."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.pasted import plain_dashes, without_marks
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.channel_changes import check_account_sid, check_secret, check_token

SID = "AC" + "0123456789abcdef" * 2
MARKS = [
    "\u202d{}\u202c",
    "\u200e{}",
    "{}\u200b",
    "\ufeff{}",
    "\u2066{}\u2069",
    "{}\ufe0f",
    " \u00a0{}\n",
    "{}\u00ad",
    "\u061c{}",
]


@pytest.mark.parametrize("marks", MARKS)
def test_invisible_marks_are_left_out_of_numbers_ids_and_tokens(marks: str):
    assert without_marks(marks.format("abc")) == "abc"
    assert to_e164(marks.format("+1 555 123 4567")) == "+15551234567"
    assert check_account_sid(marks.format(SID)) == SID
    assert check_token(Secret(marks.format("0123abcd"))).reveal() == "0123abcd"
    assert check_secret(Secret(marks.format("ab/c+d="))).reveal() == "ab/c+d="


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\ufe58")
def test_any_dash_is_a_hyphen_in_a_number(dash: str):
    assert plain_dashes(dash) == "-"
    assert to_e164(f"+1 555{dash}123{dash}4567") == "+15551234567"


@pytest.mark.parametrize(
    "typed",
    [
        "tel:+15551234567",
        "TEL:+1-555-123-4567",
        "tel://+15551234567",
        "tel:+15551234567;phone-context=x",
        " tel:+1 555 123 4567 ",
    ],
)
def test_the_link_of_a_number_is_the_number(typed: str):
    assert to_e164(typed) == "+15551234567"


@pytest.mark.parametrize(
    "typed", ["+15551234567 ext. 5", "tel:", "tel:hello", "tel:+15551234567,5", "sms:+15551234567", "\u200b"]
)
def test_what_says_more_than_a_number_is_still_refused(typed: str):
    with pytest.raises(InvalidInput):
        to_e164(typed)


@pytest.mark.parametrize("typed", ["AC" + "0" * 31 + "\u0660", "A\u0421" + "0" * 31])
def test_a_visible_character_of_another_kind_is_still_refused(typed: str):
    with pytest.raises(InvalidInput):
        check_account_sid(typed)
