"""Sessions are found by number and by contact, as far as the viewer may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.services.sessions import session_list, session_search
from illumichat_sms_plugin.services.sessions.session_list import Show
from tests.services.sessions.lists import (
    MEMBER,
    OTHER,
    add_sessions,
    add_unsettled,
    ids,
    link,
    listed,
    numbers,
    the_list,
)
from tests.support.channels import write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in


@pytest.mark.parametrize(
    "query",
    [
        "+15557654321",
        "15557654321",
        "(555) 765-4321",
        "555.765.4321",
        "001 555 765 4321",
        "7654321",
        " 4321 ",
        "+1 555",
    ],
)
def test_an_admin_finds_a_number_in_any_spelling(connected: Flask, query: str) -> None:
    text_in(connected)
    text_in(connected, From=OTHER)
    assert numbers(connected, query) == [TEXTER]


def test_national_zeros_and_wide_digits_find_the_number_too(connected: Flask) -> None:
    text_in(connected, From=OTHER)
    assert numbers(connected, "0151 12345678") == [OTHER]
    assert numbers(connected, "+49 (0)151 12345678") == [OTHER]
    assert numbers(connected, "０１５１１２３４５６７８") == [OTHER]


@pytest.mark.parametrize("query", ["99", "%", "_", "555%", "+1555765432_", "nobody", "\\", "'; --", "\x00"])
def test_what_fits_nothing_finds_nothing(connected: Flask, query: str) -> None:
    text_in(connected)
    found = numbers(connected, query)
    assert found == ([TEXTER] if query == "\x00" else [])  # NUL alone is no query


def test_in_a_long_list_a_number_is_found_by_how_it_begins_or_ends(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is looked for in the sessions that were texted last."""
    text_in(connected, From=OTHER)
    text_in(connected, From="SUPPORT")
    write(connected, SmsSession, SmsSession.id > 0, last_message_at=datetime(2025, 1, 1, tzinfo=UTC))
    add_sessions(connected, 30)
    assert numbers(connected, "511234") == [OTHER]
    monkeypatch.setattr(session_list, "LOOKED_THROUGH", 20)
    monkeypatch.setattr(session_search, "LOOKED_THROUGH", 20)
    for query in ("+4915112345678", "+49 151", "0151 12345678", "5678", "678"):
        assert numbers(connected, query) == [OTHER], query
    assert numbers(connected, "support") == ["SUPPORT"]
    found = the_list(connected, query="511234")
    assert (found.sessions, found.total, found.total_is_exact, found.searched_all) == ([], 0, False, False)
    assert the_list(connected, query="50000").total == 20


@pytest.mark.parametrize("number", ["+4999999999", "+99999999999", "+15557699999", "+10000000000"])
def test_a_number_of_nines_or_zeros_is_found_by_index_too(
    connected: Flask, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    text_in(connected, From=number)
    add_sessions(connected, 1)
    monkeypatch.setattr(session_search, "LOOKED_THROUGH", 0)
    for query in (number, number[:5], number[-4:], number[1:]):
        assert number in numbers(connected, query), query


def test_what_is_found_is_shown_by_pages_and_by_state_too(connected: Flask) -> None:
    add_sessions(connected, 8)
    write(connected, SmsSession, SmsSession.id.in_([2, 4, 6]), opted_out_at=db_now())
    add_unsettled(connected, 5)
    first = the_list(connected, query="555000", show=Show.OPTED_OUT, limit=2)
    assert (ids(first), first.total) == ([6, 4], 3)
    last = the_list(connected, query="555000", show=Show.OPTED_OUT, limit=2, before=first.around.older)
    assert ids(last) == [2]
    assert ids(the_list(connected, query="555000", show=Show.DECISION)) == [5]


def test_a_sender_that_is_a_name_is_found_by_it(connected: Flask) -> None:
    text_in(connected, From="SUPPORT")
    assert numbers(connected, "support") == ["SUPPORT"]


def test_contacts_are_named_in_one_call_and_found_by_name(
    connected: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_in(connected)
    text_in(connected, From=OTHER)
    link(connected, host, TEXTER, "Ann Lee")
    link(connected, host, OTHER, "Bob", "cnt_bob")
    asked: list[Any] = []
    get = host.contacts.get
    monkeypatch.setattr(host.contacts, "get", lambda *args: asked.append(args) or get(*args))
    assert [session.contact.name for session in listed(connected) if session.contact] == ["Bob", "Ann Lee"]
    assert len(asked) == 1
    assert numbers(connected, "ann") == [TEXTER]


@pytest.mark.parametrize("query", ["+15557654321", "7654321", "76543", "555 765"])
def test_a_member_cannot_find_digits_that_are_masked(connected: Flask, host: MemoryHost, query: str) -> None:
    """Not by number, not through the contact that has the number, not through a contact named by it."""
    text_in(connected)
    assert numbers(connected, query, MEMBER) == []
    link(connected, host, TEXTER, "Ann Lee")
    assert numbers(connected, query, MEMBER) == []
    link(connected, host, TEXTER, TEXTER)
    assert numbers(connected, query, MEMBER) == []
    assert listed(connected, MEMBER)[0].contact.name == "+1555•••4321"  # type: ignore[union-attr]


def test_a_member_finds_a_contact_by_name(connected: Flask, host: MemoryHost) -> None:
    text_in(connected)
    link(connected, host, TEXTER, "Ann Lee")
    assert numbers(connected, "lee", MEMBER) == ["+1555•••4321"]
