"""Secrets go in and never come out: looked for everywhere after everything has happened once."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.models.database import discreet_errors, engine, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.support.apps import KEY
from tests.support.channels import change, connect, outbound, run_jobs, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import AUTH_TOKEN, TEXTER, status_in, text_in
from tests.support.visitors import visit

NEXT_TOKEN = "5ec0bda75ec0bda75ec0bda75ec0bda7"
SIGNING_KEY = "shared-key-that-signs-webhooks-1234567890"
SECRETS = {"token": AUTH_TOKEN, "next token": NEXT_TOKEN, "signing key": SIGNING_KEY, "encryption key": KEY}
QUESTION = "Where is my parcel 4711?"
LOGGERS = ("illumichat_sms", "twilio", "twilio.http_client", "urllib3", "requests", "rq", "sqlalchemy.pool")


def everything_happens(app: Flask, twilio: Any, host: MemoryHost) -> None:
    """Set up, texts, answers, callbacks, refusals, doubts, a failing assistant and a job that breaks."""
    change(app, next_auth_token=NEXT_TOKEN, signing_key=SIGNING_KEY)
    change(app, signing_key="")
    text_in(app, QUESTION)
    run_jobs(app)
    status_in(app, outbound(app)[0].message_sid, "delivered")
    app.test_client().post("/api/sms/webhook/ast_support", data={"Body": QUESTION})
    for fault in ("reset_after_accepting", "api_error", "too_many_requests"):
        twilio.add_fault(fault)
        text_in(app, QUESTION)
        run_jobs(app)
    host.assistants.reply = lambda request: 1 / 0  # type: ignore[return-value]
    text_in(app, QUESTION)
    run_jobs(app)
    host.chats.fail = OSError("the host is down")
    text_in(app, "HELP", From="+15557650002")
    run_jobs(app)
    host.chats.fail = None

    def lose_a_table(request: Any) -> str:
        sql(app, "ALTER TABLE sms_sessions RENAME TO lost_table")
        return "An answer that nobody gets"

    host.assistants.reply = lose_a_table
    text_in(app, QUESTION, From="+15557650003")
    run_jobs(app)
    sql(app, "ALTER TABLE lost_table RENAME TO sms_sessions")
    from illumichat_sms_plugin.models import SmsMessage, db_now

    write(app, SmsMessage, SmsMessage.direction == "outbound", check_at=db_now(-1.0))
    with app.app_context():
        run_once(current_runtime())


@pytest.fixture
def after_everything(
    texting: Flask, twilio: Any, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> Flask:
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)
    everything_happens(texting, twilio, host)
    return texting


def dump(app: Flask) -> str:
    with app.app_context(), transaction() as connection:
        names = [name for name in inspect(engine()).get_table_names() if name.startswith("sms_")]
        return "\n".join(str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in names)


def job_dump(app: Flask) -> str:
    """All that RQ keeps of jobs that failed, uncompressed."""
    with app.app_context():
        queue = current_runtime().queue.rq_queue(timeout=5)
        jobs = [queue.fetch_job(job_id) for job_id in queue.failed_job_registry.get_job_ids()]
    return "\n".join(
        f"{job.func_name} {job.args} {job.kwargs} {job.description} {job.meta} {job.latest_result().exc_string}"
        for job in jobs
    )


def absent(words: dict[str, str], place: str, what: str) -> None:
    for name, word in words.items():
        assert word not in place, f"the {name} is in {what}"


def test_no_secret_is_in_the_database(after_everything: Flask) -> None:
    dumped = dump(after_everything)
    assert "ast_support" in dumped
    absent(SECRETS, dumped, "the database")


def test_no_secret_number_or_text_is_in_any_log_at_debug(
    after_everything: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    formatter = logging.Formatter()
    everything = "\n".join(formatter.format(record) for record in caplog.get_records("setup"))
    assert {record.name.split(".")[0] for record in caplog.get_records("setup")} >= {
        "illumichat_sms",
        "urllib3",
    }
    absent(SECRETS | {"number": TEXTER, "question": QUESTION}, everything, "a log")


def test_the_queue_holds_ids_only(after_everything: Flask) -> None:
    dumped = job_dump(after_everything)
    assert "sms_sessions" in dumped, "the job that broke is kept with its traceback"
    absent(SECRETS | {"number": TEXTER, "question": QUESTION}, dumped, "RQ's record of a job")


def test_no_secret_is_in_the_json_api(after_everything: Flask) -> None:
    client = visit(after_everything, "owner")
    for path in (
        "/api/sms/config/ast_support",
        "/api/sms/doctor/ast_support",
        "/api/sms/sessions/ast_support",
        "/api/sms/openapi.json",
        "/api/sms/health",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        absent(SECRETS, answer.text, path)


def test_no_secret_is_in_a_repr_or_a_traceback(after_everything: Flask) -> None:
    with after_everything.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
        seen = [repr(runtime), repr(runtime.settings), repr(channel), repr(channel.keys)]
        try:
            connect(after_everything, "ast_support", auth_token="spaces are wrong", account_sid="AC1")
        except SmsError as error:
            told = traceback.TracebackException.from_exception(error, capture_locals=False)
            seen.append("".join(told.format()))
    absent(SECRETS, "\n".join(seen), "a repr or traceback")


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "psycopg2"], indirect=True)
def test_no_text_is_in_a_traceback_of_errors_one_after_the_other(connected: Flask) -> None:
    """The host's statement fails as the database goes away, and then so does the release of the session."""
    with pytest.raises(DBAPIError) as last, connected.app_context(), discreet_errors():
        try:
            with engine().begin() as connection:
                connection.execute(text("INSERT INTO no_such_table VALUES (:body)"), {"body": QUESTION})
        finally:
            with transaction() as connection:
                connection.execute(text("UPDATE no_such_table SET a = 1"))
    told = "".join(traceback.format_exception(last.value))
    assert told.count("no_such_table") >= 2, "both are told"
    absent({"question": QUESTION}, told, "a traceback")


def test_a_ciphertext_moved_to_another_row_or_column_does_not_decrypt(texting: Flask) -> None:
    connect(texting, "ast_sales", account_sid="AC" + "9" * 32, phone_number="+15551230009")
    move = "UPDATE sms_channels SET auth_token = (SELECT auth_token FROM sms_channels WHERE assistant_id = 'ast_support') WHERE assistant_id = 'ast_sales'"
    with texting.app_context():
        with transaction() as connection:
            connection.execute(text(move))
            connection.execute(
                text("UPDATE sms_channels SET signing_key = auth_token WHERE assistant_id = 'ast_support'")
            )
        runtime = current_runtime()
        moved, kept = load_channel(runtime, "ast_sales"), load_channel(runtime, "ast_support")
    assert moved is not None
    assert moved.credentials is None
    assert kept is not None
    assert kept.keys == (), "and lets no other key in its place"
