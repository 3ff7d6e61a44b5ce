"""The list of sessions: counts, states, search, and what a member may see of a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions.session_list import (
    Session,
    SessionState,
    Show,
    Viewer,
    channel_id_of,
    find_session,
    list_sessions,
)
from tests.support.channels import connect, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

ADMIN, MEMBER = Viewer("ws_acme", full=True), Viewer("ws_acme", full=False)
OTHER = "+4915112345678"


def listed(app: Flask, viewer: Viewer = ADMIN, **how: Any) -> Sequence[Session]:
    with app.app_context():
        found = list_sessions(current_runtime(), channel_id_of("ast_support"), viewer, **{"limit": 25} | how)
    return found.sessions


def numbers(app: Flask, query: str, viewer: Viewer = ADMIN) -> list[str]:
    return [session.number for session in listed(app, viewer, query=query)]


def link(app: Flask, host: MemoryHost, number: str, name: str, contact_id: str = "cnt_ann") -> None:
    """Give the session of ``number`` a contact."""
    host.contacts.contacts[contact_id] = ("ws_acme", Contact(contact_id, name, number), "test")
    write(app, SmsSession, SmsSession.phone_number == number, contact_id=contact_id)


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


def test_a_page_reads_only_its_own_sessions_along_an_index(connected: Flask) -> None:
    """However many texts there are, none of other sessions is touched."""
    with connected.app_context(), transaction() as connection:
        rows = [{"channel_id": 1, "phone_number": f"+1555{n:07}"} for n in range(3000)]
        connection.execute(insert(SmsSession), rows)
    seen: list[tuple[str, Any]] = []
    with connected.app_context():
        engine = connected.extensions["sqlalchemy"].engine

        def note(conn: Any, cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
            if sql.startswith("SELECT sms_sessions.id") or "GROUP BY" in sql:
                seen.append((sql, parameters))

        event.listen(engine, "before_cursor_execute", note)
        listed(connected)
        event.remove(engine, "before_cursor_execute", note)
        assert len(seen) == 3
        with transaction() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("ANALYZE sms_sessions")
            explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
            plans = [
                "\n".join(str(row) for row in connection.exec_driver_sql(explain + sql, given))
                for sql, given in seen
            ]
            planned_blindly = connection.dialect.name == "sqlite"  # PostgreSQL looks how little there is
    assert "ix_sms_sessions_last_message" in plans[0], plans[0]
    assert "SCAN sms_sessions" not in plans[0]
    if planned_blindly:
        assert "COVERING INDEX ix_sms_messages_of_session (session_id=?)" in plans[1], plans[1]
        for index in ("tests", "pending", "unsettled"):
            assert f"ix_sms_messages_{index}" in plans[2], plans[2]
