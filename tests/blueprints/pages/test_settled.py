"""What is settled is said in a line and folded; what needs somebody is open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from illumichat_sms_plugin.blueprints.pages.settled import account_in_a_line, account_is_settled, parts_of
from illumichat_sms_plugin.channel_options import ADMIN_OPTIONS, ChannelOptions
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings

CONNECTED = ChannelSettings(
    assistant_id="ast_support",
    account_sid="AC" + "1" * 28 + "3e9c",
    phone_number="+15551230001",
    has_auth_token=True,
    is_confirmed=True,
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "Account …3e9c, +15551230001, Auth Token stored"),
        (
            {"has_next_auth_token": True},
            "Account …3e9c, +15551230001, Auth Token and second Auth Token stored",
        ),
        (
            {"has_auth_token": False, "api_key_sid": "SK1", "has_signing_key": True},
            "Account …3e9c, +15551230001, API key and signing key stored",
        ),
        ({"phone_number": None}, "Account …3e9c, no number, Auth Token stored"),
        ({"has_auth_token": False}, "Account …3e9c, +15551230001, no token stored"),
        ({"account_sid": None}, ""),
    ],
)
def test_the_account_in_a_line(changes: dict[str, object], line: str) -> None:
    assert account_in_a_line(replace(CONNECTED, **changes)) == line  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "touched", "settled"),
    [
        ({}, (), True),
        ({}, ("apology",), True),
        ({}, ("phone_number",), False),
        ({"is_confirmed": False}, (), False),
        ({"attention_code": 20003}, (), False),
        ({"unreadable_secrets": ("auth_token",)}, (), False),
        ({"account_sid": None}, (), False),
    ],
)
def test_the_account_is_open_while_it_needs_somebody(
    changes: dict[str, object], touched: tuple[str, ...], settled: bool
) -> None:
    assert account_is_settled(replace(CONNECTED, **changes), touched) is settled  # type: ignore[arg-type]


def lines(**changes: object) -> dict[str, str]:
    stored = ChannelOptions(**changes).values()  # type: ignore[arg-type]
    return {part.title: part.summary for part in parts_of(ADMIN_OPTIONS, stored, ())}


def test_short_options_are_said_and_long_ones_named() -> None:
    assert "Max Message Length: 320 · " in lines(max_message_length=320)["Options"]
    assert lines()["Wording"] == "Introduce itself · Off: Tell the texter of a take-over · The rest as usual"
    assert (
        lines(apology="Sorry!", opt_out_words=("basta",))["Wording"]
        == "Introduce itself · Off: Tell the texter of a take-over · Your own: Apology, Further opt-out words"
    )


def test_what_is_off_or_has_no_limit_is_said_last() -> None:
    assert lines()["Options"].startswith("Enabled · ")
    assert lines()["Options"].endswith(" · Off: Suggest answers, Contact Matching, Auto-Create Contacts")
    assert lines(contact_matching=True)["Options"].endswith(
        " · Contact Matching · Off: Suggest answers, Auto-Create Contacts"
    )
    assert " · Money a day: 5 · " in lines(money_per_day="5")["Whom to answer, and how much"]
    assert " · No limit: Money a day, Money a month · " in lines()["Whom to answer, and how much"]


def test_every_option_is_in_one_part() -> None:
    parts = parts_of(ADMIN_OPTIONS, ChannelOptions().values(), ())
    assert sorted(option.name for part in parts for option in part.options) == sorted(ADMIN_OPTIONS)


def test_each_part_has_a_name_that_an_address_can_lead_to() -> None:
    names = [part.name for part in parts_of(ADMIN_OPTIONS, ChannelOptions().values(), ())]
    assert names == ["options", "limits", "words", "keeping"]


def test_a_part_with_a_wrong_field_is_open() -> None:
    parts = parts_of(ADMIN_OPTIONS, ChannelOptions().values(), ("apology",))
    assert {part.title: part.unfolded for part in parts}["Wording"]
    assert not {part.title: part.unfolded for part in parts}["Options"]
