"""The list of sessions: counts, states, search, and what a member may see of a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions import session_list, session_search
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.sessions.session_list import (
    SessionList,
    Show,
    channel_id_of,
    find_session,
    list_sessions,
)
from illumichat_sms_plugin.services.sessions.session_view import Session, SessionState, Viewer
from tests.support.channels import connect, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

ADMIN, MEMBER = Viewer("ws_acme", full=True), Viewer("ws_acme", full=False)
OTHER = "+4915112345678"


def the_list(app: Flask, viewer: Viewer = ADMIN, **how: Any) -> SessionList:
    with app.app_context():
        return list_sessions(current_runtime(), channel_id_of("ast_support"), viewer, **{"limit": 25} | how)


def listed(app: Flask, viewer: Viewer = ADMIN, **how: Any) -> Sequence[Session]:
    return the_list(app, viewer, **how).sessions


def ids(found: SessionList) -> list[int]:
    return [session.id for session in found.sessions]


def add_sessions(app: Flask, count: int, **columns: Any) -> None:
    """Sessions of numbers from +15550000000 on, two texted at each second, the last added the last."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            "channel_id": 1,
            "phone_number": f"+1555{n:07}",
            "last_message_at": begin + timedelta(seconds=n // 2),
            **columns,
        }
        for n in range(count)
    ]
    with app.app_context(), transaction() as connection:
        connection.execute(insert(SmsSession), rows)


def numbers(app: Flask, query: str, viewer: Viewer = ADMIN) -> list[str]:
    return [session.number for session in listed(app, viewer, query=query)]


def link(app: Flask, host: MemoryHost, number: str, name: str, contact_id: str = "cnt_ann") -> None:
    """Give the session of ``number`` a contact."""
    host.contacts.contacts[contact_id] = ("ws_acme", Contact(contact_id, name, number), "test")
    write(app, SmsSession, SmsSession.phone_number == number, contact_id=contact_id)


def add_unsettled(app: Flask, session_id: int) -> None:
    """A text of the session that waits for a decision."""
    text = {
        "channel_id": 1,
        "session_id": session_id,
        "direction": "outbound",
        "send_state": "unsettled",
        "from_number": "x",
        "to_number": "y",
        "body": "",
    }
    with app.app_context(), transaction() as connection:
        connection.execute(insert(SmsMessage).values(text))


def test_a_session_shows_number_times_counts_and_chat(texting: Flask) -> None:
    text_in(texting, "one")
    text_in(texting, "two")
    run_jobs(texting)
    (session,) = listed(texting)
    assert (session.number, session.inbound, session.outbound) == (TEXTER, 2, 1)
    assert session.chat_url == f"/chats/{session.chat_id}"
    assert session.first_at <= session.last_at
    assert session.state is SessionState.ACTIVE


def test_there_are_none_before_the_channel_was_ever_connected(app: Flask) -> None:
    assert listed(app) == ()


def test_the_last_texted_comes_first(connected: Flask) -> None:
    for number in (TEXTER, OTHER):
        text_in(connected, From=number)
    assert [session.number for session in listed(connected)] == [OTHER, TEXTER]
    write(connected, SmsSession, SmsSession.phone_number == TEXTER, last_message_at=db_now(5.0))
    assert [session.number for session in listed(connected)] == [TEXTER, OTHER]


def test_pages_follow_each_other_without_gap_or_overlap(connected: Flask) -> None:
    for n in range(7):
        text_in(connected, From=f"+1555765000{n}")
    pages = [listed(connected, limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len({session.id for page in pages for session in page}) == 7


@pytest.mark.parametrize("show", list(Show))
def test_older_and_newer_lead_through_the_list_without_gap_or_overlap(connected: Flask, show: Show) -> None:
    add_sessions(connected, 10, opted_out_at=datetime.now(UTC))
    for session in sessions(connected):
        add_unsettled(connected, session.id)
    page = the_list(connected, limit=3, show=show)
    assert page.around.newer is None
    pages = [page]
    while page.around.older:
        page = the_list(connected, limit=3, show=show, before=page.around.older)
        pages.append(page)
    assert [ids(page) for page in pages] == [[10, 9, 8], [7, 6, 5], [4, 3, 2], [1]]
    assert page.around.newer is not None
    back = the_list(connected, limit=3, show=show, after=page.around.newer)
    assert ids(back) == [4, 3, 2]
    assert back.around.older is not None
    assert ids(the_list(connected, limit=3, show=show, before=back.around.older)) == [1]


def test_newer_than_the_second_page_is_the_first_and_a_whole_one(connected: Flask) -> None:
    add_sessions(connected, 5)
    second = the_list(connected, limit=3, before=the_list(connected, limit=3).around.older)
    write(connected, SmsSession, SmsSession.id == 3, last_message_at=db_now())
    first = the_list(connected, limit=3, after=second.around.newer)
    assert (ids(first), first.around.newer) == ([3, 5, 4], None)


def test_texts_that_come_in_meanwhile_move_no_session_onto_the_next_page_again(connected: Flask) -> None:
    add_sessions(connected, 6)
    first = the_list(connected, limit=3)
    write(connected, SmsSession, SmsSession.id == 1, last_message_at=db_now())
    assert ids(the_list(connected, limit=3, before=first.around.older)) == [3, 2]


def test_a_place_is_where_it_was_even_if_its_session_is_gone(connected: Flask) -> None:
    add_sessions(connected, 4)
    older = the_list(connected, limit=2).around.older
    with connected.app_context(), transaction() as connection:
        connection.execute(delete(SmsSession).where(SmsSession.id.in_([1, 2, 3])))
    assert Place.parse(str(older)) == older
    assert ids(the_list(connected, before=older)) == []


@pytest.mark.parametrize(
    "words", ["", "1", "-", "1-", "-1", "1-0", "x-1", "1-1-1", "9" * 18 + "-1", "١-1", "1-1\n"]
)
def test_what_is_no_place_is_none(words: str) -> None:
    assert Place.parse(words) is None


def test_a_long_list_is_not_counted_to_its_end(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    add_sessions(connected, 6)
    for most, counted in ((7, (6, True)), (6, (6, True)), (5, (5, False))):
        monkeypatch.setattr(session_list, "COUNTED", most)
        found = the_list(connected, limit=2)
        assert (found.total, found.total_is_exact) == counted


def test_tests_of_the_doctor_are_not_counted(connected: Flask) -> None:
    text_in(connected)
    write(connected, SmsMessage, SmsMessage.id > 0, is_test=True)
    assert listed(connected)[0].inbound == 0


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        (lambda app: None, SessionState.WAITING),
        (
            lambda app: write(app, SmsMessage, SmsMessage.id > 0, no_reply_reason="disabled"),
            SessionState.ACTIVE,
        ),
        (
            lambda app: (
                write(app, SmsMessage, SmsMessage.id > 0, no_reply_reason="disabled"),
                write(app, SmsSession, SmsSession.id > 0, last_message_at=db_now(-100_000.0)),
            ),
            SessionState.QUIET,
        ),
        (
            lambda app: write(app, SmsSession, SmsSession.id > 0, opted_out_at=db_now()),
            SessionState.OPTED_OUT,
        ),
        (
            lambda app: (
                write(app, SmsSession, SmsSession.id > 0, opted_out_at=db_now()),
                write(app, SmsMessage, SmsMessage.id > 0, direction="outbound", send_state="unsettled"),
            ),
            SessionState.DECISION,
        ),
    ],
    ids=lambda value: getattr(value, "value", ""),
)
def test_the_state_is_what_needs_somebody_most(
    connected: Flask, prepare: Callable[[Flask], object], state: SessionState
) -> None:
    text_in(connected)
    prepare(connected)
    assert listed(connected)[0].state is state


def test_only_those_that_wait_for_a_decision_or_have_opted_out_are_shown_on_request(connected: Flask) -> None:
    for number in (TEXTER, OTHER, "+15557650009"):
        text_in(connected, From=number)
    first, second, _ = sessions(connected)
    write(
        connected, SmsMessage, SmsMessage.session_id == first.id, direction="outbound", send_state="unsettled"
    )
    write(connected, SmsSession, SmsSession.id == second.id, opted_out_at=db_now())
    assert [session.id for session in listed(connected, show=Show.DECISION)] == [first.id]
    assert [session.id for session in listed(connected, show=Show.OPTED_OUT)] == [second.id]


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


def test_a_contact_that_is_gone_is_not_shown(connected: Flask) -> None:
    text_in(connected)
    write(connected, SmsSession, SmsSession.id > 0, contact_id="cnt_gone")
    assert listed(connected)[0].contact is None


def test_a_member_sees_a_masked_number(connected: Flask) -> None:
    text_in(connected)
    assert [session.number for session in listed(connected, MEMBER)] == ["+1555•••4321"]


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


def test_a_session_of_another_channel_is_not_there(connected: Flask) -> None:
    text_in(connected)
    connect(connected, "ast_globex", phone_number="+15551230003")
    with connected.app_context(), pytest.raises(NotFound):
        find_session(current_runtime(), channel_id_of("ast_globex"), ADMIN, sessions(connected)[0].id)
