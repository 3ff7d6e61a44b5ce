"""What an accepted text may cost: one statement (two on SQLite), one transaction, one enqueue."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from illumichat_sms_plugin.runtime import current_runtime
from tests.support.channels import outbound, run_jobs
from tests.support.twilio_requests import inbound_form, post_signed, status_in, text_in

PATH = "/api/sms/webhook/ast_support"


@contextmanager
def counted(app: Flask) -> Iterator[dict[str, list[str]]]:
    """Statements, commits, rollbacks and Redis commands of the block."""
    seen: dict[str, list[str]] = {"statements": [], "commits": [], "rollbacks": [], "redis": []}
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
        redis = current_runtime().queue._kept_client()
        current_runtime().changes._next_look = time.monotonic() + 60  # else one look a second is among them

    def statement(conn: Any, cursor: Any, sql: str, *_: Any) -> None:
        if not sql.startswith("SET LOCAL"):  # psycopg 3 sends that along with BEGIN, which nothing counts
            seen["statements"].append(sql)

    def commit(conn: Any) -> None:
        seen["commits"].append("commit")

    def rollback(conn: Any) -> None:
        seen["rollbacks"].append("rollback")

    before = redis.info("stats")["total_commands_processed"]
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    event.listen(engine, "rollback", rollback)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)
        event.remove(engine, "rollback", rollback)
        after = redis.info("stats")["total_commands_processed"]
        seen["redis"] = [""] * (after - before - 1)


@pytest.fixture
def warm(connected: Flask) -> Flask:
    """A connected app that has seen a text, so that its caches are filled."""
    text_in(connected, From="+15557650009")
    return connected


def statements(app: Flask) -> int:
    """To record a text: PostgreSQL takes session and text in one."""
    with app.app_context():
        return 2 if app.extensions["sqlalchemy"].engine.dialect.name == "sqlite" else 1


def test_an_accepted_text_costs_one_or_two_statements_one_commit_and_one_enqueue(warm: Flask) -> None:
    with counted(warm) as seen:
        text_in(warm)
    assert len(seen["statements"]) == statements(warm), seen["statements"]
    assert seen["commits"] == ["commit"]
    assert seen["rollbacks"] == []
    assert 1 <= len(seen["redis"]) <= 10


def test_a_repeated_text_costs_no_enqueue(warm: Flask) -> None:
    form = inbound_form()
    post_signed(warm, PATH, form)
    with counted(warm) as seen:
        post_signed(warm, PATH, form)
    assert len(seen["statements"]) == statements(warm) + 1, "one more compares it with what was recorded"
    assert seen["commits"] == ["commit"], "of reading"
    assert seen["redis"] == []


@pytest.mark.parametrize("path", [PATH, "/api/sms/status/ast_support"])
def test_a_forged_request_costs_no_statement_and_no_redis(warm: Flask, path: str) -> None:
    with counted(warm) as seen:
        answer = warm.test_client().post(path, data=inbound_form(), headers={"X-Twilio-Signature": "x"})
    assert answer.status_code == 403
    assert seen == {"statements": [], "commits": [], "rollbacks": [], "redis": []}


def test_a_flood_of_forgeries_for_unknown_assistants_reads_each_once(warm: Flask) -> None:
    with counted(warm) as seen:
        for _ in range(10):
            warm.test_client().post(
                "/api/sms/webhook/ast_unknown", data=inbound_form(), headers={"X-Twilio-Signature": "x"}
            )
    assert len(seen["statements"]) == 1


def test_a_status_callback_needs_no_redis(warm: Flask) -> None:
    with counted(warm) as seen:
        status_in(warm, "SM" + "0" * 32, "delivered")
    assert seen["redis"] == []


def test_a_status_callback_costs_three_statements_and_one_transaction(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    [answer] = outbound(texting)
    with counted(texting) as seen:
        assert status_in(texting, answer.message_sid, "delivered").status_code == 204
    assert [sql.split(maxsplit=1)[0] for sql in seen["statements"]] == ["SELECT", "INSERT", "UPDATE"]
    assert seen["commits"] == ["commit"]
    assert seen["rollbacks"] == []
    assert seen["redis"] == []


def test_the_web_process_does_not_load_twilios_library() -> None:
    """It takes 0.6 s and 10 MB; only workers and the settings page need it."""
    script = (
        "import sys\n"
        "from tests.support.apps import make_app\n"
        "from tests.support.memory_host import MemoryHost\n"
        "app = make_app('sqlite://', MemoryHost())\n"
        "app.test_client().post('/api/sms/webhook/ast_support', data={'a': 'b'}, headers={'X-Twilio-Signature': 'x'})\n"
        "print([name for name in sys.modules if name == 'twilio' or name.startswith('twilio.')])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr
