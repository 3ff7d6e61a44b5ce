"""What a webhook would cost at least: the same durable work, written by hand with nothing around it.

Both check the signature, and neither checks a channel, a consent or a shape. A text: upsert the session, insert
the message, commit, enqueue an RQ job in one round trip. A status: read the message for update, keep the event
and move the status up the same ladder, with three prepared statements in one transaction.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable

from flask import Flask, Response, request
from redis import Redis
from rq import Queue
from sqlalchemy import Engine, TextClause, create_engine, event, text

from bench.signed import PUBLIC_URL
from bench.webhook_apps import ENGINE_OPTIONS
from demo.twilio_simulator import seed
from illumichat_sms_plugin.message_status import Delivery, MessageStatus, advance, is_final, parse_status
from tests.support.apps import sqlite_pragmas


def floor() -> Flask:
    """An app with both addresses, on the database and queue that the environment names."""
    app = Flask("floor")
    app.secret_key = "floor"  # as every host has one: Flask then opens a session for each request
    url = os.environ["BENCH_DATABASE_URL"]
    engine = create_engine(url, **ENGINE_OPTIONS)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", sqlite_pragmas)
    app.post("/api/sms/webhook/<assistant_id>")(_text(engine))
    app.post("/api/sms/status/<assistant_id>")(_status(engine))
    return app


def _is_signed() -> bool:
    form = request.form
    signed = PUBLIC_URL + request.full_path.rstrip("?") + "".join(key + form[key] for key in sorted(form))
    expected = base64.b64encode(hmac.new(seed.AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest())
    return hmac.compare_digest(expected, request.headers["X-Twilio-Signature"].encode())


def _text(engine: Engine) -> Callable[[str], Response]:
    redis = Redis.from_url(os.environ["BENCH_REDIS_URL"])
    queue = Queue("floor", connection=redis, serializer="json")
    session_sql = _sql(
        engine,
        "INSERT INTO sms_sessions (channel_id, phone_number, attempts, created_at, last_message_at)"
        " VALUES (1, :sender, 0, clock_timestamp(), clock_timestamp())"
        " ON CONFLICT (channel_id, phone_number) DO UPDATE SET last_message_at = clock_timestamp()"
        " RETURNING id",
    )
    message_sql = _sql(
        engine,
        "INSERT INTO sms_messages (channel_id, session_id, direction, message_sid, from_number, to_number, body,"
        " segments, created_at, in_chat, is_test, status_conflict, looks, resends)"
        " VALUES (1, :session, 'inbound', :sid, :sender, :to, :body, 1, clock_timestamp(), false, false, false, 0, 0)"
        " ON CONFLICT (channel_id, message_sid) DO NOTHING RETURNING id",
    )

    def webhook(assistant_id: str) -> Response:  # noqa: ARG001 - part of the path
        form = request.form
        if not _is_signed():
            return Response(status=403)
        values = {"sid": form["MessageSid"], "sender": form["From"], "to": form["To"], "body": form["Body"]}
        with engine.begin() as connection:
            session = connection.execute(session_sql, values).scalar()
            message = connection.execute(message_sql, values | {"session": session}).scalar()
        if message is not None:
            with redis.pipeline() as pipeline:
                queue.enqueue("bench.nothing", session, result_ttl=0, job_timeout=300, pipeline=pipeline)
                pipeline.execute()
        return Response("<Response/>", mimetype="text/xml")

    return webhook


def _status(engine: Engine) -> Callable[[str], Response]:
    find = _sql(
        engine,
        "SELECT id, session_id, created_at, status, error_code, status_conflict, send_state, message_sid,"
        " final_at, clock_timestamp() AS now FROM sms_messages"
        " WHERE channel_id = 1 AND direction = 'outbound' AND message_sid = :sid FOR UPDATE",
    )
    keep = _sql(
        engine,
        "INSERT INTO sms_status_events (message_id, fingerprint, status, error_code, created_at)"
        " SELECT :id, :fingerprint, :status, :code, clock_timestamp()"
        " WHERE (SELECT count(*) FROM sms_status_events WHERE message_id = :id) < 20 ON CONFLICT DO NOTHING",
    )
    move = _sql(
        engine,
        "UPDATE sms_messages SET status = :status, error_code = :code, status_conflict = :conflict,"
        " final_at = CASE WHEN :final THEN clock_timestamp() ELSE final_at END WHERE id = :id",
    )

    def status(assistant_id: str) -> Response:  # noqa: ARG001 - part of the path
        form = request.form
        if not _is_signed():
            return Response(status=403)
        told, code = parse_status(form["MessageStatus"]), form.get("ErrorCode")
        with engine.begin() as connection:
            row = connection.execute(find, {"sid": form["MessageSid"]}).one()
            named = {"id": row.id, "fingerprint": f"{told}/{code or ''}/", "status": told.value, "code": code}
            connection.execute(keep, named)
            before = Delivery(MessageStatus(row.status), row.error_code, row.status_conflict)
            after = advance(before, told, None)
            if after != before and after.status:
                moved = {
                    "id": row.id,
                    "status": after.status.value,
                    "code": after.error_code,
                    "conflict": after.conflict,
                    "final": is_final(after.status),
                }
                connection.execute(move, moved)
        return Response(status=204)

    return status


def _sql(engine: Engine, statement: str) -> TextClause:
    if engine.dialect.name == "sqlite":
        statement = statement.replace("clock_timestamp()", "strftime('%Y-%m-%d %H:%M:%f000', 'now')")
        statement = statement.replace(" FOR UPDATE", "")
    return text(statement)
