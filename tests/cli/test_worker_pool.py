"""A worker answers no more conversations at once than its database connections allow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.pool import NullPool

from illumichat_sms_plugin.job_queue import worker
from illumichat_sms_plugin.models.database import most_connections


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """With how many conversations ``flask sms worker`` would begin."""
    seen: list[int] = []
    monkeypatch.setattr(worker, "run_worker", lambda app, jobs, concurrency: seen.append(concurrency))
    return seen


def start(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["sms", "worker", *arguments])


def test_a_concurrency_beyond_the_pool_is_lowered_with_a_sentence(
    make: Callable[..., Flask], started: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    app = make(SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 4, "max_overflow": 20})
    assert start(app, "--concurrency", "128").exit_code == 0
    assert started == [24]
    assert "128 conversations at once are too many for a pool of 24 database connections" in caplog.text


def test_a_concurrency_within_the_pool_stays(
    make: Callable[..., Flask], started: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    app = make(SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 4, "max_overflow": 20}, SMS_WORKER_CONCURRENCY=24)
    start(app)
    assert started == [24]
    assert "too many" not in caplog.text


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"pool_size": 3, "max_overflow": 0}, 3),
        ({"pool_size": 3, "max_overflow": -1}, None),
        ({"poolclass": NullPool}, None),
    ],
)
def test_the_pool_says_how_many_it_has(
    make: Callable[..., Flask], options: dict[str, Any], most: int | None
) -> None:
    with make(SQLALCHEMY_ENGINE_OPTIONS=options).app_context():
        assert most_connections() == most


def test_twilios_library_is_there_before_the_threads_start(
    app: Flask, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the first answers of all threads would wait for its import."""
    from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients

    loaded: list[int] = []
    monkeypatch.setattr(TwilioClients, "load", lambda _: loaded.append(len(started)))
    start(app, "--concurrency", "2")
    assert (loaded, started) == ([0], [2])
