"""POST /api/sms/status/<assistant_id>: callbacks early, late, twice, reversed, unknown."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from tests.support.channels import outbound, run_jobs, sessions, sql, write
from tests.support.twilio_requests import new_sid, status_in, text_in


@pytest.fixture
def answered(texting: Flask, twilio: object) -> Flask:
    """An app with one accepted answer; Twilio's own callbacks do not reach it."""
    text_in(texting)
    run_jobs(texting)
    return texting


def sid_of(app: Flask) -> str:
    return str(outbound(app)[0].message_sid)


def status_of(app: Flask) -> tuple[str | None, int | None, bool]:
    row = outbound(app)[0]
    return row.status, row.error_code, row.status_conflict


def test_the_status_climbs_and_its_end_is_dated(answered: Flask) -> None:
    sid = sid_of(answered)
    assert status_of(answered)[0] == "queued"
    for word in ("sending", "sent", "delivered"):
        assert status_in(answered, sid, word).status_code == 204
    row = outbound(answered)[0]
    assert row.status == "delivered"
    assert row.final_at is not None


@pytest.mark.parametrize("order", list(itertools.permutations(["sending", "sent", "delivered"])))
def test_the_order_of_callbacks_does_not_matter(answered: Flask, order: tuple[str, ...]) -> None:
    for word in order:
        status_in(answered, sid_of(answered), word)
    assert status_of(answered) == ("delivered", None, False)


def test_a_repeated_callback_is_kept_once(answered: Flask) -> None:
    for _ in range(5):
        status_in(answered, sid_of(answered), "sent", RawDlrDoneDate="2611221200")
    assert sql(answered, "SELECT count(*) FROM sms_status_events").scalar() == 1


def test_a_failure_keeps_its_code(answered: Flask) -> None:
    status_in(answered, sid_of(answered), "undelivered", ErrorCode="30007")
    assert status_of(answered) == ("undelivered", 30007, False)


def test_a_failure_that_is_delivered_after_all_is_delivered(answered: Flask) -> None:
    status_in(answered, sid_of(answered), "undelivered", ErrorCode="30003")
    status_in(answered, sid_of(answered), "delivered")
    assert status_of(answered) == ("delivered", None, False)


def test_a_contradiction_is_flagged_and_the_first_word_stands(answered: Flask) -> None:
    status_in(answered, sid_of(answered), "delivered")
    status_in(answered, sid_of(answered), "failed", ErrorCode="30008")
    assert status_of(answered) == ("delivered", None, True)


@pytest.mark.parametrize("word", ["flying", "", "received", "DELIVERED "])
def test_unknown_words_are_answered_and_change_nothing_they_should_not(answered: Flask, word: str) -> None:
    assert status_in(answered, sid_of(answered), word).status_code == 204
    assert status_of(answered)[0] in ("queued", "delivered")


def test_a_callback_for_a_message_we_do_not_know_is_answered(answered: Flask) -> None:
    assert status_in(answered, new_sid(), "delivered").status_code == 204
    assert status_in(answered, new_sid(), "delivered", query="?m=999999").status_code == 204
    assert status_in(answered, new_sid(), "delivered", query="?m=odd").status_code == 204


def test_a_callback_that_is_quicker_than_twilios_answer_finds_its_message(answered: Flask) -> None:
    """The worker died after Twilio's 201: ``?m=`` names the row that has no SID yet."""
    row, sid = outbound(answered)[0], new_sid()
    write(
        answered,
        SmsMessage,
        SmsMessage.id == row.id,
        message_sid=None,
        status=None,
        send_state="in_doubt",
        accepted_at=None,
    )
    status_in(answered, sid, "sent", query=f"?m={row.id}")
    after = outbound(answered)[0]
    assert (after.message_sid, after.status, after.send_state) == (sid, "sent", "accepted")


def test_a_callback_cannot_rename_a_message(answered: Flask) -> None:
    row = outbound(answered)[0]
    status_in(answered, new_sid(), "failed", query=f"?m={row.id}")
    assert outbound(answered)[0].status == "queued"


def test_a_callback_cannot_reach_an_inbound_text(answered: Flask) -> None:
    sql(answered, "UPDATE sms_messages SET message_sid = 'SM0' WHERE direction = 'outbound'")
    assert status_in(answered, new_sid(), "delivered", query="?m=1").status_code == 204
    assert sql(answered, "SELECT status FROM sms_messages WHERE id = 1").scalar() is None


def test_21610_in_a_callback_is_an_opt_out(answered: Flask) -> None:
    status_in(answered, sid_of(answered), "failed", ErrorCode="21610")
    assert sessions(answered)[0].opted_out_at is not None
    event = sql(answered, "SELECT action, source FROM sms_consent_events").one()
    assert tuple(event) == ("opt_out", "twilio")


def test_more_callbacks_than_any_message_has_are_not_kept(answered: Flask) -> None:
    for n in range(30):
        status_in(answered, sid_of(answered), "sent", RawDlrDoneDate=f"26112212{n:02}")
    assert sql(answered, "SELECT count(*) FROM sms_status_events").scalar() == 20


def test_a_late_status_has_its_day_counted_anew(answered: Flask) -> None:
    status_in(answered, sid_of(answered), "sent")
    assert sql(answered, "SELECT count(*) FROM sms_changed_hours").scalar() == 0
    write(answered, SmsMessage, SmsMessage.id > 0, created_at=db_now(-7200.0))
    status_in(answered, sid_of(answered), "delivered")
    assert sql(answered, "SELECT count(*) FROM sms_changed_hours").scalar() == 1


def test_another_assistants_messages_are_out_of_reach(answered: Flask) -> None:
    """A callback signed for one channel says nothing about another's messages."""
    from tests.support.channels import connect
    from tests.support.twilio_requests import post_signed, status_form

    connect(answered, "ast_globex", phone_number="+15551230009")
    row = outbound(answered)[0]
    answer = post_signed(
        answered,
        f"/api/sms/status/ast_globex?m={row.id}",
        status_form(row.message_sid, "failed", ErrorCode="30008"),
    )
    assert answer.status_code == 204
    assert outbound(answered)[0].status == "queued"


def test_the_session_is_not_touched_by_statuses(answered: Flask) -> None:
    write(answered, SmsSession, SmsSession.id > 0, attempts=1)
    status_in(answered, sid_of(answered), "delivered")
    assert sessions(answered)[0].attempts == 1
