"""Queue, workers, housekeeping, and what waits for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine, Front, beat
from tests.services.doctor.situations import a_worker, text
from tests.support.channels import write
from tests.support.drivers import prepares
from tests.support.pgbouncer import MISSING, PGBOUNCER, pgbouncer


def test_redis_down(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, front: Front, twilio: Any
) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_PUBLIC_URL=front.url, SMS_REDIS_URL="redis://127.0.0.1:1/0")
    found = examine("queue_reachable", "worker_alive", app=app)
    assert found["queue_reachable"].level is Level.PROBLEM
    assert found["worker_alive"].level is Level.UNKNOWN


def test_redis_full(healthy: Flask, examine: Examine) -> None:
    with healthy.app_context():
        redis = current_runtime().queue.connection(timeout=2)
    redis.config_set("maxmemory", "1")
    try:
        found = examine("queue_reachable")["queue_reachable"]
    finally:
        redis.config_set("maxmemory", "0")
    assert (found.level, "memory" in found.fix) == (Level.PROBLEM, True)


def test_no_worker_and_one(healthy: Flask, examine: Examine) -> None:
    assert examine("worker_alive")["worker_alive"].level is Level.PROBLEM
    with a_worker(healthy):
        assert examine("worker_alive")["worker_alive"].level is Level.OK


@pytest.mark.parametrize(("seconds", "result"), [(5.0, Level.OK), (600.0, Level.PROBLEM)])
def test_housekeeping(healthy: Flask, examine: Examine, seconds: float, result: Level) -> None:
    beat(healthy, seconds)
    assert examine("housekeeping_recent")["housekeeping_recent"].level is result


def test_texts_that_wait_too_long(healthy: Flask, examine: Examine, twilio: Any) -> None:
    text(twilio)
    assert examine("nothing_waits")["nothing_waits"].level is Level.OK
    write(healthy, SmsMessage, SmsMessage.id > 0, created_at=db_now(-300.0))
    found = examine("nothing_waits")["nothing_waits"]
    assert (found.level, "5 minutes" in found.evidence) == (Level.WARNING, True)


@prepares
@pytest.mark.skipif(PGBOUNCER is None, reason=MISSING)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pooler_before_the_database(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, database_url: str
) -> None:
    """It does no harm, and whoever looks for trouble with prepared statements elsewhere in the app reads of it."""
    assert "no pooler" in examine("database_fits")["database_fits"].evidence
    with pgbouncer(database_url) as url:
        app = make(SQLALCHEMY_DATABASE_URI=url)
        found = examine("database_fits", app=app)["database_fits"]
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()
    assert (found.level, "PgBouncer" in found.evidence) == (Level.OK, True)
