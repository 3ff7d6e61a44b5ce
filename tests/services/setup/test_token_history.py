"""Which token is the main one, told from the audit."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from illumichat_sms_plugin.services.setup.token_history import TokenPair, retell

TOKEN = [{"field": "auth_token"}]


def told(*events: tuple[str, str] | tuple[str, str, list[dict[str, Any]]]) -> TokenPair:
    """(action, who, changes) in their order, one an hour."""
    return retell(
        SimpleNamespace(
            action=event[0],
            person_name=event[1],
            person_id="usr",
            changes=event[2] if len(event) > 2 else [],
            created_at=hour(number),
        )
        for number, event in enumerate(events)
    )  # type: ignore[arg-type]


def hour(number: int) -> datetime:
    return datetime(2026, 8, 12, number, tzinfo=UTC)


def who(pair: TokenPair) -> tuple[str | None, str | None]:
    return (pair.main and pair.main.entered_by, pair.second and pair.second.entered_by)


CONNECTED = ("connected", "Ada", TOKEN)
ADDED = ("token_added", "Bea")
SWAPPED = ("token_swapped", "Cem")
DROPPED = ("token_dropped", "Cem")


def test_nothing_is_known_of_nothing():
    assert told() == TokenPair()


def test_through_a_whole_rotation():
    assert who(told(CONNECTED)) == ("Ada", None)
    assert who(told(CONNECTED, ADDED)) == ("Ada", "Bea")
    assert not told(CONNECTED, ADDED).is_swapped
    swapped = told(CONNECTED, ADDED, SWAPPED)
    assert who(swapped) == ("Bea", "Ada")
    assert swapped.is_swapped
    assert swapped.main and (swapped.main.entered_at, swapped.main.main_since) == (hour(1), hour(2))
    assert swapped.second and swapped.second.main_since is None
    assert who(told(CONNECTED, ADDED, SWAPPED, DROPPED)) == ("Bea", None)


def test_swapping_back_makes_the_old_one_the_main_one_since_then():
    back = told(CONNECTED, ADDED, SWAPPED, SWAPPED)
    assert who(back) == ("Ada", "Bea")
    assert back.main and back.main.main_since == hour(3)
    assert not back.is_swapped


def test_a_token_entered_in_the_form_is_the_main_one_from_then_on():
    pair = told(CONNECTED, ADDED, ("changed", "Dan", TOKEN))
    assert who(pair) == ("Dan", "Bea")
    assert pair.main and pair.main.main_since == hour(2)


def test_options_change_no_token():
    assert told(CONNECTED, ("changed", "Dan", [{"field": "enabled", "old": True, "new": False}])) == told(
        CONNECTED
    )


def test_another_account_and_disconnecting_end_what_was_there():
    other = [{"field": "account_sid", "old": "a", "new": "b"}, *TOKEN, {"field": "next_auth_token"}]
    assert who(told(CONNECTED, ADDED, ("changed", "Dan", other))) == ("Dan", None)
    assert told(CONNECTED, ADDED, ("disconnected", "Ada")) == TokenPair()


def test_what_is_older_than_the_record_is_not_made_up():
    assert who(told(ADDED)) == (None, "Bea")
    assert who(told(ADDED, SWAPPED)) == ("Bea", None)
