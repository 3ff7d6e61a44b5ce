"""GET /api/sms/health and /api/sms/metrics: what they tell, and to whom."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import last_hour
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.support.apps import make_app
from tests.support.channels import connect, run_jobs, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

TOKEN = "metrics-token"


def health(app: Flask) -> tuple[int, Any]:
    with app.app_context():
        current_runtime().health.forget("health")
    answer = app.test_client().get("/api/sms/health")
    return answer.status_code, answer.json


def figures(app: Flask) -> dict[str, float]:
    answer = app.test_client().get("/api/sms/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return {
        sample.name.removeprefix("illumichat_sms_")
        + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_all_is_well_when_housekeeping_has_been_there(connected: Flask) -> None:
    with connected.app_context():
        run_once(current_runtime())
    assert health(connected) == (
        200,
        {"status": "ok", "database": "ok", "databasePooler": False, "queue": "ok", "housekeeping": "ok"},
    )


def test_without_housekeeping_it_is_degraded(connected: Flask) -> None:
    with connected.app_context():
        run_once(current_runtime())
    sql(connected, "DELETE FROM sms_heartbeats")
    status, said = health(connected)
    assert (status, said["status"], said["housekeeping"]) == (200, "degraded", "late")


def test_without_redis_texts_are_still_recorded_so_it_is_no_503(make: Callable[..., Flask]) -> None:
    app = make(SMS_REDIS_URL="redis://127.0.0.1:1/0")
    connect(app)
    status, said = health(app)
    assert (status, said["status"], said["queue"]) == (200, "degraded", "unreachable")
    assert text_in(app).status_code == 200


def test_without_the_database_it_is_a_503_at_once(host: MemoryHost, redis_url: str) -> None:
    app = make_app("postgresql+psycopg://nobody@127.0.0.1:1/nothing", host, SMS_REDIS_URL=redis_url)
    started = time.monotonic()
    status, said = health(app)
    assert (status, said["status"], said["database"]) == (503, "down", "unreachable")
    assert time.monotonic() - started < 5
    assert "127.0.0.1" not in str(said)


def test_it_is_asked_once_a_second_at_most(connected: Flask) -> None:
    first = health(connected)
    sql(connected, "DELETE FROM sms_heartbeats")
    assert connected.test_client().get("/api/sms/health").json == first[1]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer ", "Bearer wrong", "Basic bWV0cmljcw==", f"bearer {TOKEN}x", "é"]
)
def test_the_metrics_are_not_there_for_strangers(make: Callable[..., Flask], header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for app in (make(), make(SMS_METRICS_TOKEN=TOKEN)):
        assert app.test_client().get("/api/sms/metrics", headers=headers).status_code == 404


def test_the_figures_are_those_of_the_tables(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    app = make(SMS_METRICS_TOKEN=TOKEN, SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    text_in(app, "one")
    text_in(app, "two", From="+15557650002")
    found = figures(app)
    assert (found["waiting_texts"], found["queued_jobs"], found["inbound_texts_last_hour"]) == (2, 2, 2)
    assert 0 <= found["oldest_waiting_seconds"] < 60
    assert "housekeeping_age_seconds" not in found, "it has never run"
    run_jobs(app)
    write(app, SmsMessage, SmsMessage.answer_id.is_(None), check_at=db_now())
    sql(app, "UPDATE sms_messages SET send_state = 'unsettled' WHERE id = (SELECT max(id) FROM sms_messages)")
    with app.app_context():
        run_once(current_runtime())
    found = figures(app)
    assert (found["waiting_texts"], found["unsettled_sends"]) == (0, 1)
    assert (found["outbound_texts_last_hour/accepted"], found["outbound_texts_last_hour/unsettled"]) == (1, 1)
    assert found["housekeeping_age_seconds"] < 60
    assert (found["cut_answers_last_hour/sent"], found["cut_answers_last_hour/kept"]) == (0, 0)


def test_more_texts_in_an_hour_than_are_counted_are_estimated_from_the_newest(
    make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_hour, "FEW", 5)
    monkeypatch.setattr(last_hour, "MOST", 10)
    app = make(SMS_METRICS_TOKEN=TOKEN)
    connect(app)
    for number in range(30):
        text_in(app, From=f"+155576500{number:02}")
    # The newest eleven came within the last six minutes: at that pace an hour has ten times as many.
    write(app, SmsMessage, SmsMessage.id <= 20, created_at=db_now(-360.0))
    assert figures(app)["inbound_texts_last_hour"] == pytest.approx(110, abs=2)
    monkeypatch.setattr(last_hour, "MOST", 30)
    assert figures(app)["inbound_texts_last_hour"] == 30
    # Older ones among the newest end the hour.
    monkeypatch.setattr(last_hour, "MOST", 10)
    write(app, SmsMessage, SmsMessage.id <= 24, created_at=db_now(-7200.0))
    assert figures(app)["inbound_texts_last_hour"] == 6


def test_the_figures_hold_no_number_id_or_secret(make: Callable[..., Flask]) -> None:
    app = make(SMS_METRICS_TOKEN=TOKEN)
    connect(app)
    text_in(app, "hello")
    text = app.test_client().get("/api/sms/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for word in ("+1555", "ast_support", "hello", TOKEN, "AC5a"):
        assert word not in text
