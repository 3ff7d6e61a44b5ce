"""A small installation to measure: PostgreSQL, Valkey, a simulated Twilio, and the plugin's own processes.

The engine has the pool that docs/operations.md names: 4 connections, 20 more, 2 s of patience.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, text

from bench.servers import postgresql, valkey
from demo.twilio_simulator import Simulator, Timings, seed
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.host import AnswerRequest, Person
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.save_channel import ChannelChanges, save_channel
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText
from tests.support.no_limits import NO_LIMITS, WIDE

POOL = {"pool_size": 4, "max_overflow": 20, "pool_timeout": 2}
NUMBERS = {"ast_support": seed.SUPPORT_NUMBER, "ast_sales": seed.SALES_NUMBER}
ROOT = Path(__file__).parent.parent


def app_of_environment() -> Flask:
    """What the worker and housekeeping run."""
    from tests.support.apps import make_app
    from tests.support.memory_host import MemoryHost

    host = MemoryHost()
    delay = float(os.environ["BENCH_ASSISTANT_SECONDS"])

    def answer(request: AnswerRequest) -> str:  # noqa: ARG001 - as the contract has it
        time.sleep(delay)
        return "We are open from 9 to 17."

    host.assistants.reply = answer
    own = {name: value for name, value in os.environ.items() if name.startswith("SMS_")}
    return make_app(os.environ["BENCH_DATABASE_URL"], host, SQLALCHEMY_ENGINE_OPTIONS=POOL, **own)


@dataclass
class Installation:
    """All of it; ``app`` is an app of this process on the same database and queue."""

    app: Flask
    twilio: Simulator
    environment: dict[str, str]

    @property
    def runtime(self) -> Runtime:
        with self.app.app_context():
            return current_runtime()

    @contextmanager
    def process(self, *command: str, assistant_seconds: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
        """``flask sms …`` until the block ends."""
        started = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "flask",
                "--app",
                "bench.installation:app_of_environment",
                "sms",
                *command,
            ],
            env={**self.environment, "BENCH_ASSISTANT_SECONDS": str(assistant_seconds)},
            cwd=ROOT,
        )
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(30)
            except subprocess.TimeoutExpired:
                started.kill()

    def text(self, number: int, assistant_id: str = "ast_support") -> None:
        """A text of texter ``number``, as its webhook records it."""
        with self.app.app_context():
            runtime = current_runtime()
            channel = _channel(runtime, assistant_id)
            phone = f"+1555{number:07}"
            receive_message(
                runtime,
                channel,
                InboundText(
                    message_sid="SM" + secrets.token_hex(16),
                    sender=parse_sender(phone),
                    to_number=channel.phone_number,
                    body="When are you open?",
                    segments=1,
                    media=(),
                    opt_out_type=None,
                ),
            )

    def queued(self) -> int:
        return self.runtime.queue.length() or 0

    def scalar(self, statement: str, **values: object) -> Any:
        with self.app.app_context(), transaction() as connection:
            return connection.scalar(text(statement), values)

    def unanswered(self) -> int:
        return int(
            self.scalar(
                "SELECT count(*) FROM sms_messages m WHERE direction = 'inbound' AND NOT EXISTS (SELECT 1 FROM"
                " sms_messages a WHERE a.id = m.answer_id AND a.send_state = 'accepted' AND a.kind = 'answer')"
            )
        )

    def seconds_to_answer(self, assistant_id: str) -> list[float]:
        """From a text to Twilio's word that it has the answer, sorted."""
        statement = text(
            "SELECT extract(epoch FROM a.accepted_at - m.created_at) FROM sms_messages m JOIN sms_messages a"
            " ON a.id = m.answer_id JOIN sms_channels c ON c.id = m.channel_id"
            " WHERE c.assistant_id = :assistant AND a.accepted_at IS NOT NULL ORDER BY 1"
        )
        with self.app.app_context(), transaction() as connection:
            return [float(seconds) for seconds in connection.scalars(statement, {"assistant": assistant_id})]

    def forget(self) -> None:
        """Empty the conversations, keep the channels."""
        with self.app.app_context(), transaction() as connection:
            connection.execute(text("TRUNCATE sms_messages, sms_sessions RESTART IDENTITY CASCADE"))
        with self.runtime.queue.connection() as redis:
            redis.flushall()


def _channel(runtime: Runtime, assistant_id: str) -> Any:
    from illumichat_sms_plugin.services.channels import load_channel

    channel = load_channel(runtime, assistant_id)
    assert channel is not None
    return channel


@contextmanager
def installation(**settings: object) -> Iterator[Installation]:
    """Start it, with two connected assistants."""
    twilio = Simulator(timings=Timings(sending=0.1, sent=0.2, delivered=0.3, price=0.5)).start()
    with postgresql() as database_url, valkey() as redis_url:
        migrating.upgrade(create_engine(database_url))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "BENCH_DATABASE_URL": database_url,
            "SMS_REDIS_URL": redis_url,
            "SMS_TWILIO_API_URL": twilio.url,
            "SMS_PUBLIC_URL": "http://127.0.0.1:9",
            "SMS_ENCRYPTION_KEYS": generate_key(),
            **NO_LIMITS,
            **{name: str(value) for name, value in settings.items()},
        }
        os.environ.update(environment | {"BENCH_ASSISTANT_SECONDS": "0"})
        app = app_of_environment()
        with app.app_context():
            for assistant_id, number in NUMBERS.items():
                changes = ChannelChanges(
                    account_sid=seed.ACCOUNT_SID,
                    auth_token=Secret(seed.AUTH_TOKEN),
                    phone_number=number,
                    options=WIDE,
                )
                save_channel(
                    current_runtime(),
                    assistant_id,
                    changes,
                    by=Person("bench", "bench"),
                    verdict=Verdict(Asked.OWNED),
                )
        try:
            yield Installation(app, twilio, environment)
        finally:
            twilio.stop()


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.1) -> float:
    """Seconds until the condition holds; SystemExit when it does not in time."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise SystemExit(f"waited {seconds:.0f} s in vain")
        time.sleep(every)
    return time.monotonic() - started


def percentile(values: Sequence[float], part: float) -> float:
    """Of sorted values."""
    return values[min(int(len(values) * part), len(values) - 1)] if values else float("nan")
