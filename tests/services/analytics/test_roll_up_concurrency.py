"""Changes and counting at the same time: nothing committed is ever missing from what is shown."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update

from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.models import SmsChangedHour, SmsHour, SmsMessage, SmsRollup, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics import recount as recount_module
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed, mark_changed
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences, recount
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.services.analytics.roll_up_messages import MessageCounting
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from illumichat_sms_plugin.services.channels import find_channel_id
from tests.support.memory_host import MemoryHost

BOUND = 30.0
TEXTS = 60


@pytest.fixture
def counted(connected: Flask, host: MemoryHost) -> Flask:
    """A channel with TEXTS accepted answers of the last three days, none of them final, all counted."""
    with connected.app_context():
        channel_id = find_channel_id("ast_support")
        with transaction() as connection:
            now = connection.execute(select(db_now())).scalar_one()
            session_id = connection.execute(
                insert(SmsSession)
                .values(channel_id=channel_id, phone_number="+15557654321")
                .returning(SmsSession.id)
            ).scalar_one()
            rows = [
                {
                    "channel_id": channel_id,
                    "session_id": session_id,
                    "direction": "outbound",
                    "kind": "answer",
                    "from_number": "+15550000000",
                    "to_number": "+15557654321",
                    "body": "We are open.",
                    "send_state": "accepted",
                    "status": "sent",
                    "created_at": now - timedelta(hours=4 + number),
                }
                for number in range(TEXTS)
            ]
            connection.execute(insert(SmsMessage), rows)
        assert analytics(current_runtime(), host.assistants.known["ast_support"], 7).delivered == 0
    return connected


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""On SQLite writers take turns; there is nothing to interleave."""


def deliver(app: Flask, message_ids: list[int]) -> None:
    """What a late callback does: the change and its mark in one transaction."""
    with app.app_context(), transaction() as connection:
        changed = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id.in_(message_ids))
            .values(status="delivered", final_at=db_now())
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, changed)


def message_ids(app: Flask) -> list[int]:
    with app.app_context(), transaction() as connection:
        return list(connection.scalars(select(SmsMessage.id).order_by(SmsMessage.id)))


def delivered(app: Flask, host: MemoryHost) -> int:
    with app.app_context():
        return analytics(current_runtime(), host.assistants.known["ast_support"], 7).delivered


def test_what_is_shown_is_never_older_than_the_last_committed_change(counted: Flask, host: MemoryHost):
    committed = 0
    done = threading.Event()

    def change() -> None:
        nonlocal committed
        ids = message_ids(counted)
        try:
            for message_id in ids:
                deliver(counted, [message_id])
                committed += 1
        finally:
            done.set()

    def look() -> int:
        looks = 0
        while not done.is_set():
            before = committed
            shown = delivered(counted, host)
            assert shown >= before, f"{before} were committed, {shown} were shown"
            looks += 1
        return looks

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(change), *(pool.submit(look) for _ in range(3))]
        looks = [future.result(timeout=BOUND * 4) for future in futures][1:]
    assert all(looks)
    assert delivered(counted, host) == TEXTS
    with counted.app_context():
        assistant = host.assistants.known["ast_support"]
        assert analytics(current_runtime(), assistant, 7) == recount(current_runtime(), assistant, 7)
        assert not differences(current_runtime(), assistant, 90)


@on_postgresql
def test_texts_that_come_while_both_are_read_are_no_difference(
    counted: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
):
    """On a busy channel one comes between any two reads."""
    read, looks = recount_module.read_counted, []

    def and_then_one_comes(*args: Any) -> Any:
        shown = read(*args)
        looks.append(shown)
        copied = [column for column in SmsMessage.__table__.columns if column.key not in ("id", "created_at")]
        one = select(*copied, db_now()).limit(1)
        with transaction() as connection:
            names = [column.key for column in copied]
            connection.execute(insert(SmsMessage).from_select([*names, "created_at"], one))
        return shown

    monkeypatch.setattr(recount_module, "read_counted", and_then_one_comes)
    with counted.app_context():
        assert not differences(current_runtime(), host.assistants.known["ast_support"], 7)
    assert len(looks) == 1


def test_many_who_change_several_hours_at_once_and_many_who_count_never_wait_for_each_other(
    counted: Flask, host: MemoryHost
):
    ids = message_ids(counted)
    batches = [ids[start::6] for start in range(6)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(deliver, counted, batch) for batch in batches]
        futures += [pool.submit(delivered, counted, host) for _ in range(4)]
        for future in futures:
            future.result(timeout=BOUND)
    assert delivered(counted, host) == TEXTS


@on_postgresql
def test_counting_waits_for_a_change_that_is_being_committed(counted: Flask, host: MemoryHost):
    first, second = message_ids(counted)[:2]
    with counted.app_context(), transaction() as connection:
        connection.execute(  # both in one hour, so that there is one mark
            update(SmsMessage)
            .where(SmsMessage.id == second)
            .values(created_at=select(SmsMessage.created_at).where(SmsMessage.id == first).scalar_subquery())
        )
    deliver(counted, [first])
    with ThreadPoolExecutor(1) as pool, counted.app_context():
        with transaction() as connection:
            row = connection.execute(
                update(SmsMessage)
                .where(SmsMessage.id == second)
                .values(status="delivered")
                .returning(SmsMessage.channel_id, SmsMessage.created_at)
            ).one()
            mark_changed(connection, row.channel_id, row.created_at)
            shown = pool.submit(delivered, counted, host)
            wait_until_blocked(counted)
        assert shown.result(timeout=BOUND) == 2, "the count began before the commit and saw it"


@on_postgresql
def test_a_mark_set_while_its_hour_is_counted_outlives_the_counting(counted: Flask, host: MemoryHost):
    first, second = message_ids(counted)[:2]
    deliver(counted, [first])
    with ThreadPoolExecutor(1) as pool, counted.app_context():
        channel_id = find_channel_id("ast_support")
        assert channel_id is not None
        with transaction() as connection:
            now = connection.execute(select(db_now())).scalar_one()
            created_at = connection.scalar(select(SmsMessage.created_at).where(SmsMessage.id == first))
            zone = find_zone(host.assistants.known["ast_support"].workspace.timezone)
            MessageCounting(connection, lock_rollup(connection, channel_id), zone, now).step()
            with transaction() as other:  # changes the same hour, and commits its message before its mark
                other.execute(
                    update(SmsMessage)
                    .where(SmsMessage.id == second)
                    .values(status="delivered", created_at=created_at)
                )
            marking = pool.submit(mark, counted, channel_id, created_at)
            wait_until_blocked(counted)
            assert not marking.done()
        marking.result(timeout=BOUND)
        with transaction() as connection:
            assert connection.scalar(select(func.count()).select_from(SmsChangedHour)) == 1
        bring_up_to_date(channel_id, zone)
    assert delivered(counted, host) == 2


@on_postgresql
def test_two_who_count_one_channel_take_turns(counted: Flask, host: MemoryHost):
    """Else the slower one would write a day that is older than the quicker one's."""
    first, second = message_ids(counted)[:2]
    deliver(counted, [first])
    with ThreadPoolExecutor(1) as pool, counted.app_context():
        channel_id = find_channel_id("ast_support")
        assert channel_id is not None
        zone = find_zone(host.assistants.known["ast_support"].workspace.timezone)
        with transaction() as connection:
            now = connection.execute(select(db_now())).scalar_one()
            MessageCounting(connection, lock_rollup(connection, channel_id), zone, now).step()
            deliver(counted, [second])
            shown = pool.submit(delivered, counted, host)
            wait_until_blocked(counted)
        assert shown.result(timeout=BOUND) == 2


@on_postgresql
def test_a_mark_set_between_looking_for_marks_and_going_on_is_kept(counted: Flask, host: MemoryHost):
    last = message_ids(counted)[-1]
    with counted.app_context():
        channel_id = find_channel_id("ast_support")
        assert channel_id is not None
        zone = find_zone(host.assistants.known["ast_support"].workspace.timezone)
        with transaction() as connection:  # there is a part to go on to
            now = connection.execute(select(db_now())).scalar_one()
            earlier = connection.execute(select(SmsRollup.until)).scalar_one() - timedelta(hours=3)
            connection.execute(update(SmsRollup).values(until=earlier))
            connection.execute(delete(SmsHour).where(SmsHour.hour >= earlier))
        with transaction() as connection:
            counting = MessageCounting(connection, lock_rollup(connection, channel_id), zone, now)
            assert not counting.recount_changed()
            deliver(counted, [last])
            counting.advance()
    assert delivered(counted, host) == 1


def mark(app: Flask, channel_id: int, created_at: Any) -> None:
    with app.app_context(), transaction() as connection:
        mark_changed(connection, channel_id, created_at)


def wait_until_blocked(app: Flask) -> None:
    """Until some other connection waits for a lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    pause, left = threading.Event(), BOUND
    with app.app_context():
        while left > 0:
            with transaction() as connection:
                if connection.scalar(query):
                    return
            pause.wait(0.02)
            left -= 0.02
    raise AssertionError("nobody waits")
