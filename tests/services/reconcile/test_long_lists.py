"""What is asked of Twilio and of the database grows with pages, not with texts."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert

from demo.twilio_simulator.records import Message
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import engine, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.reconcile import catch_up, fetch_statuses
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up_channel
from illumichat_sms_plugin.services.reconcile.fetch_statuses import check_messages
from tests.services.reconcile.missed_texts import connected_long_ago
from tests.support.channels import inbound, outbound, sql, write
from tests.support.twilio_requests import ACCOUNT_SID, NUMBER, TEXTER

HOUR = 3600.0


def sid_of(number: int) -> str:
    return f"SM{number:032}"


def at_twilio(twilio: Any, number: int, age: float, **changes: Any) -> None:
    """A text in Twilio's log, ``age`` seconds old."""
    sent = time.time() - age
    values: dict[str, Any] = {
        "to": NUMBER,
        "from_": TEXTER,
        "direction": "inbound",
        "status": "received",
        "created_by": "phone",
        "date_created": sent,
        "date_sent": sent,
    }
    message = Message(sid_of(number), ACCOUNT_SID, body=f"text {number}", **(values | changes))
    with twilio.store.change():
        twilio.store.messages[message.sid] = message


def answers(app: Flask, twilio: Any, count: int, age: float = HOUR) -> None:
    """Accepted answers whose price is due, at Twilio too."""
    with app.app_context(), transaction() as connection:
        session_id = connection.execute(
            insert(SmsSession).values(channel_id=1, phone_number=TEXTER).returning(SmsSession.id)
        ).scalar_one()
        rows = [
            {
                "channel_id": 1,
                "session_id": session_id,
                "direction": "outbound",
                "kind": "answer",
                "send_state": "accepted",
                "status": "delivered",
                "message_sid": sid_of(number),
                "from_number": NUMBER,
                "to_number": TEXTER,
                "body": "9 to 17",
                "in_chat": True,
                "checks": 1,
            }
            for number in range(count)
        ]
        connection.execute(insert(SmsMessage), rows)
    write(app, SmsMessage, SmsMessage.id > 0, created_at=db_now(-age), check_at=db_now(-1.0))
    for number in range(count):
        at_twilio(
            twilio,
            number,
            age - 1,
            to=TEXTER,
            from_=NUMBER,
            direction="outbound-api",
            created_by="api",
            status="delivered",
            price="-0.00830",
        )


def asked(twilio: Any) -> list[str]:
    return [entry.path for entry in twilio.store.requests if entry.method == "GET"]


def check(app: Flask) -> int:
    with app.app_context():
        return check_messages(current_runtime())


def test_a_page_of_the_list_brings_a_thousand_prices(texting: Flask, twilio: Any) -> None:
    answers(texting, twilio, 1500)
    assert check(texting) == 1500
    assert len(asked(twilio)) == 2
    assert {(row.price, row.price_unit, row.check_at) for row in outbound(texting)} == {
        (Decimal("0.0083"), "USD", None)
    }


def test_statements_grow_with_chunks_and_not_with_texts(texting: Flask, twilio: Any) -> None:
    answers(texting, twilio, 900)
    statements: list[str] = []
    with texting.app_context():
        event.listen(engine(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        check_messages(current_runtime())
    assert len(statements) < 20


def test_a_few_are_fetched_by_themselves(texting: Flask, twilio: Any) -> None:
    answers(texting, twilio, fetch_statuses.FEW)
    check(texting)
    assert sorted(path.rpartition("/")[2] for path in asked(twilio)) == [
        f"{sid_of(number)}.json" for number in range(fetch_statuses.FEW)
    ]


def test_what_the_list_does_not_have_is_fetched_by_itself(texting: Flask, twilio: Any) -> None:
    """Sent long after it was handed over, because Twilio has a queue for each number."""
    answers(texting, twilio, 20)
    for number in (3, 4):
        twilio.store.messages[sid_of(number)].date_sent += 600
    check(texting)
    assert len(asked(twilio)) == 3
    assert all(row.price == Decimal("0.0083") for row in outbound(texting))


def test_what_twilio_cannot_tell_now_is_asked_for_again(texting: Flask, twilio: Any) -> None:
    answers(texting, twilio, 20)
    twilio.add_fault("outage", count=None)
    check(texting)
    assert {row.checks for row in outbound(texting)} == {1}, "it was no check"
    assert all(row.check_at for row in outbound(texting))


def test_a_status_in_the_list_that_no_callback_brought_counts(texting: Flask, twilio: Any) -> None:
    answers(texting, twilio, 20)
    write(texting, SmsMessage, SmsMessage.id.in_([3, 4]), status="sent")
    check(texting)
    assert {row.status for row in outbound(texting)} == {"delivered"}
    assert outbound(texting)[2].final_at is not None


# Catch-up


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up, "LIMIT", 100)
    monkeypatch.setattr(catch_up, "LARGEST_PAGE", 50)


def compare(app: Flask) -> int:
    with app.app_context():
        return catch_up_channel(current_runtime(), 1)


def compared_seconds_ago(app: Flask) -> float:
    with app.app_context(), transaction() as connection:
        row = connection.execute(SmsChannel.__table__.select()).one()
    return time.time() - row.compared_to.timestamp() if row.compared_to else float("inf")


@pytest.mark.usefixtures("small_slices")
def test_all_of_48_hours_is_compared_in_the_order_in_which_it_came(texting: Flask, twilio: Any) -> None:
    """More texts than one listing has: the oldest are fetched too, and first."""
    connected_long_ago(texting)
    write(texting, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-100 * HOUR))
    ages = [47.9 * HOUR - number * 47.0 * HOUR / 1000 for number in range(1000)]
    for number, age in enumerate(ages):
        at_twilio(twilio, number, age)
    at_twilio(twilio, 5000, 49 * HOUR)
    assert compare(texting) == 1000
    assert [row.body for row in inbound(texting)] == [f"text {number}" for number in range(1000)]
    assert compared_seconds_ago(texting) < HOUR


def test_a_page_of_sids_is_one_question(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    for number in range(300):
        at_twilio(twilio, number, 600.0 - number)
    compare(texting)
    write(texting, SmsMessage, SmsMessage.id > 0, price=0, price_unit="USD")
    statements: list[str] = []
    with texting.app_context():
        event.listen(engine(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert catch_up_channel(current_runtime(), 1) == 0
    assert len([asked for asked in statements if not asked.startswith("SET LOCAL")]) < 15


@pytest.mark.usefixtures("small_slices")
def test_what_was_compared_before_a_failure_is_not_compared_again(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "MAX_SLICES", 3)
    connected_long_ago(texting)
    for number in range(600):
        at_twilio(twilio, number, 20 * HOUR - number * 19.5 * HOUR / 600)
    first = compare(texting)
    assert 0 < first < 600
    assert compared_seconds_ago(texting) > HOUR
    rounds = 1
    while compared_seconds_ago(texting) > 60:
        compare(texting)
        rounds += 1
        assert rounds < 20
    assert len(inbound(texting)) == 600
    before = len(asked(twilio))
    compare(texting)
    assert len(asked(twilio)) - before <= 2, "only the last hour is compared once more"


@pytest.mark.usefixtures("small_slices")
def test_a_page_that_fails_is_asked_for_again(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    for number in range(90):
        at_twilio(twilio, number, 600.0 - number)
    twilio.add_fault("error_before_accepting", count=3, scope="all")
    assert compare(texting) == 90


def test_a_channel_that_is_compared_is_not_changed_for_its_admin(texting: Flask, twilio: Any) -> None:
    before = sql(texting, "SELECT updated_at, version FROM sms_channels").one()
    compare(texting)
    assert sql(texting, "SELECT updated_at, version FROM sms_channels").one() == before
