"""The list of sessions: counts, states, search, and what a member may see of a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions import session_list
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.sessions.session_list import Show, find_session
from illumichat_sms_plugin.services.sessions.session_view import SessionState
from tests.services.sessions.lists import (
    ADMIN,
    MEMBER,
    OTHER,
    add_sessions,
    add_unsettled,
    ids,
    listed,
    the_list,
)
from tests.support.channels import connect, run_jobs, sessions, write
from tests.support.twilio_requests import TEXTER, text_in


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
    now = datetime.now(UTC)
    add_sessions(connected, 10, opted_out_at=now, blocked_at=now, person_since=now, machine_at=now)
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


def test_a_contact_that_is_gone_is_not_shown(connected: Flask) -> None:
    text_in(connected)
    write(connected, SmsSession, SmsSession.id > 0, contact_id="cnt_gone")
    assert listed(connected)[0].contact is None


def test_a_member_sees_a_masked_number(connected: Flask) -> None:
    text_in(connected)
    assert [session.number for session in listed(connected, MEMBER)] == ["+1555•••4321"]


def test_a_session_of_another_channel_is_not_there(connected: Flask) -> None:
    text_in(connected)
    connect(connected, "ast_globex", phone_number="+15551230003")
    with connected.app_context(), pytest.raises(NotFound):
        find_session(current_runtime(), find_channel_id("ast_globex"), ADMIN, sessions(connected)[0].id)
