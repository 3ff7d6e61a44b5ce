"""An app that really listens, a simulated Twilio that points at it, and a way to examine it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from illumichat_sms_plugin.models import SmsHeartbeat, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.doctor.checks import CHECKS
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, Level
from tests.support.channels import connect
from tests.support.servers import serve
from tests.support.twilio_requests import NUMBER

Examine = Callable[..., Mapping[str, Finding]]


def nobody(environ: Any, start: Any) -> list[bytes]:
    start("503 Nobody", [])
    return [b""]


class Front:
    """What listens at the public address; ``app`` may be replaced by another WSGI app at any time."""

    def __init__(self) -> None:
        self.app: Any = nobody
        self._at_it = 0
        self._changed = threading.Condition()
        self.server = make_server("127.0.0.1", 0, self._serve, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}"
        serve(self.server)

    def _serve(self, environ: Any, start: Any) -> Any:
        with self._counted():
            return self.app(environ, start)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._at_it += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_it -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let no request in, and wait for those that the app is at: a status callback may come late."""
        self.app = nobody
        with self._changed:
            assert self._changed.wait_for(lambda: self._at_it == 0, 20)
        self.server.shutdown()
        self.server.server_close()

    def answer(self, status: str, headers: list[tuple[str, str]] | None = None, body: bytes = b"") -> None:
        """Answer every request like this from now on."""

        def always(environ: Any, start: Any) -> list[bytes]:
            start(status, headers or [])
            return [body]

        self.app = always


@pytest.fixture
def front() -> Iterator[Front]:
    """The public address."""
    running = Front()
    yield running
    running.close()


@pytest.fixture
def healthy(make: Callable[..., Flask], twilio: Any, front: Front) -> Flask:
    """An app in which everything is as it should be, apart from having no worker."""
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_PUBLIC_URL=front.url, SMS_CATCH_UP_AFTER=0.1)
    connect(app)
    front.app = app
    twilio.set_webhook(NUMBER, f"{front.url}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")
    beat(app)
    return app


def beat(app: Flask, seconds_ago: float = 0.0) -> None:
    """Let housekeeping have run then."""
    with app.app_context(), transaction() as connection:
        insert = insert_or_conflict(connection, SmsHeartbeat).values(
            name="housekeeping", beat_at=db_now(-seconds_ago)
        )
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=[SmsHeartbeat.name], set_={"beat_at": db_now(-seconds_ago)}
            )
        )


@pytest.fixture
def examine(healthy: Flask) -> Examine:
    """Run all checks, or the named ones, one after the other; returns what each found."""

    def run(*names: str, app: Flask = healthy, assistant_id: str = "ast_support") -> Mapping[str, Finding]:
        with app.app_context():
            exam = Examination.begin(current_runtime(), assistant_id)
            return {check.name: check.run(exam) for check in CHECKS if not names or check.name in names}

    return run


def problems(found: Mapping[str, Finding]) -> set[str]:
    """Names of the checks that say that something does not work."""
    return {name for name, check in found.items() if check.level is Level.PROBLEM}
