"""A token that is taken away is dead in every process, not only in the one that took it away."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
import requests
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.setup.release_number import release
from illumichat_sms_plugin.services.setup.rotate_token import add_next_token, drop_second_token, swap_tokens
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from tests.faults.processes import wait_until
from tests.support.apps import KEY, PUBLIC_URL
from tests.support.channels import OWNER, change, connect, write
from tests.support.commands import Command
from tests.support.twilio_requests import AUTH_TOKEN, NUMBER, inbound_form, signature

PATH = "/api/sms/webhook/ast_support"
BOUND = 2.0
"""Seconds within which a token is dead everywhere while Redis is there."""


class OtherProcess:
    """A web process that nobody tells of a change but Redis."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("SMS_", "FLASK_"))
        } | {"TEST_DATABASE": database_url, "SMS_REDIS_URL": redis_url, "SMS_ENCRYPTION_KEYS": KEY}
        self.url = f"http://127.0.0.1:{port}"
        self._running = Command(["run", "--port", str(port)], env | settings, folder / "other-web.log")

    def __enter__(self) -> Self:
        with ExitStack() as if_it_does_not_answer:
            if_it_does_not_answer.enter_context(self._running)
            wait_until("the other process answers", self._answers, 60)
            if_it_does_not_answer.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._running.__exit__(*raised)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/sms/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def believes(self, token: str) -> bool:
        form = inbound_form("hello")
        headers = {"X-Twilio-Signature": signature(PUBLIC_URL + PATH, form, token)}
        answer = requests.post(self.url + PATH, data=form, headers=headers, timeout=10)
        assert answer.status_code in (200, 403), answer.text
        return answer.status_code == 200


@pytest.fixture
def other(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[OtherProcess]:
    with OtherProcess(database_url, redis_url, tmp_path) as running:
        yield running


def assistant(app: Flask) -> Any:
    return current_runtime().host.assistants.find("ast_support")


def replace(app: Flask) -> None:
    change(app, auth_token="c" * 32)


def take_off(app: Flask) -> None:
    with app.app_context():
        disconnect(current_runtime(), "ast_support", by=OWNER)


def let_go(app: Flask) -> None:
    with app.app_context():
        release(current_runtime(), NUMBER, by=OWNER)


def drop_old(app: Flask) -> None:
    with app.app_context():
        drop_second_token(current_runtime(), assistant(app), by=OWNER)


def let_it_end(app: Flask) -> None:
    write(app, SmsChannel, SmsChannel.assistant_id == "ast_support", next_auth_token_until=db_now(-1.0))
    with app.app_context():
        run_once(current_runtime())


def rotate(app: Flask) -> None:
    with app.app_context():
        add_next_token(current_runtime(), assistant(app), Secret(seed.SECONDARY_AUTH_TOKEN), by=OWNER)
        swap_tokens(current_runtime(), assistant(app), by=OWNER)


def nothing(app: Flask) -> None:
    pass


@pytest.mark.parametrize(
    ("before", "taking_away"),
    [(nothing, replace), (nothing, take_off), (nothing, let_go), (rotate, drop_old), (rotate, let_it_end)],
    ids=["replaced", "disconnected", "released by an operator", "dropped", "ended after 24 hours"],
)
def test_a_token_that_is_taken_away_is_dead_in_the_other_process_within_two_seconds(
    texting: Flask, other: OtherProcess, before: Callable[[Flask], None], taking_away: Callable[[Flask], None]
) -> None:
    before(texting)
    assert other.believes(AUTH_TOKEN)
    taking_away(texting)
    began = time.monotonic()
    wait_until("the token is dead there too", lambda: not other.believes(AUTH_TOKEN), 20)
    assert time.monotonic() - began < BOUND


def test_without_redis_it_is_dead_when_what_is_kept_is_too_old(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    connect(app)
    settings = {"SMS_CHANNEL_CACHE_TTL": "3"}
    with OtherProcess(database_url, "redis://127.0.0.1:1", tmp_path, **settings) as other:
        assert other.believes(AUTH_TOKEN)
        change(app, auth_token="c" * 32)
        assert other.believes(AUTH_TOKEN), "nobody has told it"
        wait_until("what it keeps is too old", lambda: not other.believes(AUTH_TOKEN), 20)
