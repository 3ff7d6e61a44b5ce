"""The demo's history: much, believable, the same every time, and counted rightly."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from demo.history import seed_history
from demo.history.traffic import Town
from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.local_days import PERIODS, find_zone
from illumichat_sms_plugin.models import NoReply, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import PENDING
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences, recount
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from tests.support.channels import messages
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit


@pytest.mark.slow
def test_the_analytics_of_all_periods_equal_a_recount(connected: Flask, host: MemoryHost) -> None:
    assistant = host.assistants.known["ast_support"]
    with connected.app_context():
        runtime = current_runtime()
        written = seed_history(runtime, "ast_support", 90, 1)
        assert written > 10_000
        for days in PERIODS:
            shown = analytics(runtime, assistant, days)
            assert shown == recount(runtime, assistant, days)
            assert all(day.inbound for day in shown.daily[:-1])
        assert not differences(runtime, assistant, 90)
        assert 0.9 < (shown.delivery_rate or 0) < 1
        assert 0.9 < (shown.cost.coverage or 0) < 1
        assert {failure.code for failure in shown.failures} >= {30003, 30007, 21614}
        assert len(shown.no_reply) >= 9
        assert shown.sessions.total > shown.sessions.contacts_matched > 0
        assert 2 < (shown.time_to_answer.whole.p50 or 0) < 10
        assert sweep_sessions(runtime) <= 25, "the worker has little to do"
        assert seed_history(runtime, "ast_support", 90, 1) == 0, "an assistant that has a history keeps it"
    assert visit(connected, "member").get("/sms/ast_support?days=90").status_code == 200


def test_nothing_in_it_waits_for_an_answer(connected: Flask) -> None:
    with connected.app_context():
        seed_history(current_runtime(), "ast_support", 3, 1)
        with transaction() as connection:
            waiting = select(func.count()).select_from(SmsMessage).where(text(PENDING))
            assert connection.scalar(waiting) == 0
            now = connection.execute(select(db_now())).scalar_one()
    rows = messages(connected)
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    times = [row.created_at for row in rows]
    assert times == sorted(times)
    assert times[-1] < now
    by_id = {row.id: row for row in rows}
    for row in rows:
        if row.answer_id:
            assert by_id[row.answer_id].session_id == row.session_id
            assert by_id[row.answer_id].created_at > row.created_at


def test_what_it_has_used_of_the_limits_is_what_it_sent(connected: Flask) -> None:
    with connected.app_context():
        runtime = current_runtime()
        seed_history(runtime, "ast_support", 3, 1)
        with transaction() as connection:
            now = connection.execute(select(db_now())).scalar_one()
        used = {limit.name: limit.used for limit in read_settings(runtime, "ast_support").used}
    sent = [row for row in messages(connected) if row.send_state == "accepted"]
    today = [row for row in sent if row.created_at.date() == now.date()]
    month = [row for row in sent if (row.created_at.year, row.created_at.month) == (now.year, now.month)]
    assert used["segments"] == sum(row.segments for row in today)
    assert float(used["money_month"]) == pytest.approx(
        sum(float(row.price or 0.0083 * row.segments) for row in month), abs=0.01
    )


def test_the_same_seed_makes_the_same_days(connected: Flask) -> None:
    with connected.app_context(), transaction() as connection:
        now = connection.execute(select(db_now())).scalar_one()
    zone = find_zone("America/New_York")
    one, same, other = (
        [(text.at, text.texter.number, text.body, text.status) for text in Town(seed, zone, now).live(30)]
        for seed in (1, 1, 2)
    )
    assert one == same != other


def test_it_has_every_kind_of_trouble(connected: Flask) -> None:
    with connected.app_context(), transaction() as connection:
        now = connection.execute(select(db_now())).scalar_one()
    texts = Town(1, find_zone("America/New_York"), now).live(90)
    reasons = Counter(text.reason for text in texts if text.reason)
    assert set(reasons) >= set(NoReply) - {NoReply.OWN_NUMBER, NoReply.NOT_CONNECTED, NoReply.TEST}
    assert any(text.has_picture for text in texts)


def test_an_assistant_without_sms_gets_none(connected: Flask) -> None:
    with connected.app_context():
        for assistant_id in ("ast_sales", "ast_nobody"):
            with pytest.raises(NotFound):
                seed_history(current_runtime(), assistant_id, 3, 1)
