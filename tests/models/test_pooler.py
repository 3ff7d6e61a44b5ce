"""PgBouncer with transaction pooling between the app and PostgreSQL, with nothing that the host has set for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from psycopg.errors import DuplicatePreparedStatement
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from illumichat_sms_plugin.models.database import behind_pooler, engine, snapshot, transaction
from tests.support.channels import connect, outbound, run_jobs
from tests.support.drivers import prepares
from tests.support.pgbouncer import MISSING, PGBOUNCER, pgbouncer
from tests.support.twilio_requests import text_in

pytestmark = [
    pytest.mark.skipif(PGBOUNCER is None, reason=MISSING),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
THREADS = 16


@pytest.fixture
def pooled(make: Callable[..., Flask], database_url: str, twilio: Any) -> Iterator[Flask]:
    with pgbouncer(database_url) as url:
        app = make(
            SQLALCHEMY_DATABASE_URI=url,
            SQLALCHEMY_ENGINE_OPTIONS={"pool_size": THREADS},
            SMS_TWILIO_API_URL=twilio.url,
        )
        connect(app)
        yield app
        with app.app_context():
            engine().dispose()


def test_every_webhook_is_taken(pooled: Flask) -> None:
    """160 at once by 16 threads: each of their connections meets all three of the server's."""

    def one(number: int) -> int:
        return int(text_in(pooled, From=f"+1555765{number:04}").status_code)

    with ThreadPoolExecutor(THREADS) as threads:
        assert Counter(threads.map(one, range(160))) == {200: 160}


def test_texts_are_answered(pooled: Flask) -> None:
    for number in range(8):
        text_in(pooled, From=f"+1555765{number:04}")
    run_jobs(pooled)
    assert len(outbound(pooled)) == 8


@prepares
@pytest.mark.parametrize("begin", [transaction, snapshot])
def test_nothing_is_prepared_on_a_connection_that_was_used_once(pooled: Flask, begin: Any) -> None:
    with pooled.app_context():
        for _ in range(20):
            with begin() as connection:
                connection.execute(text("SELECT count(*) FROM sms_channels WHERE id = :id"), {"id": 1})
                raw = connection.connection.driver_connection
                assert raw.prepare_threshold is None
        with engine().connect() as connection:
            prepared = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar()
    assert prepared == 0


@prepares
def test_health_and_doctor_say_it(pooled: Flask) -> None:
    assert pooled.test_client().get("/api/sms/health").json["databasePooler"] is True  # type: ignore[index]
    with pooled.app_context():
        assert behind_pooler()


@prepares
def test_without_a_pooler_statements_are_prepared_as_before(connected: Flask) -> None:
    assert connected.test_client().get("/api/sms/health").json["databasePooler"] is False  # type: ignore[index]
    with connected.app_context(), transaction() as connection:
        raw: Any = connection.connection.driver_connection
        assert raw.prepare_threshold == 5


def test_what_others_prepared_in_our_way_is_no_fault_of_ours(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, so that Twilio tries again, for a statement that the rest of the app has left behind the pooler."""

    def mixed_up(*_: object) -> None:
        raise ProgrammingError("SELECT 1", None, DuplicatePreparedStatement("already exists"))

    monkeypatch.setattr("illumichat_sms_plugin.blueprints.twilio_webhooks.receive_message", mixed_up)
    assert text_in(connected).status_code == 503
