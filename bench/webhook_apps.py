"""The two servers of the webhook measurement: the plugin, and a hand-written floor.

The floor does the same durable work with nothing around it: check the signature, upsert the session,
insert the message, commit, enqueue an RQ job. It checks no channel, no consent and no shape.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from flask import Flask, Response, request

from bench.webhook_load import PUBLIC_URL
from demo.twilio_simulator import seed

ENGINE_OPTIONS = {"pool_size": 1, "max_overflow": 1}


def plugin() -> Flask:
    """The plugin in the smallest host."""
    from tests.support.apps import make_app
    from tests.support.memory_host import MemoryHost

    return make_app(
        os.environ["BENCH_DATABASE_URL"],
        MemoryHost(),
        SMS_REDIS_URL=os.environ["BENCH_REDIS_URL"],
        SMS_ENCRYPTION_KEYS=os.environ["BENCH_KEY"],
        SMS_PUBLIC_URL=PUBLIC_URL,
        SQLALCHEMY_ENGINE_OPTIONS=ENGINE_OPTIONS,
    )


def floor() -> Flask:
    """The same durable work, written by hand."""
    from redis import Redis
    from rq import Queue
    from sqlalchemy import create_engine, text

    app = Flask("floor")
    engine = create_engine(os.environ["BENCH_DATABASE_URL"], **ENGINE_OPTIONS)
    queue = Queue("floor", connection=Redis.from_url(os.environ["BENCH_REDIS_URL"]), serializer="json")
    token = seed.AUTH_TOKEN.encode()
    session_sql = text(
        "INSERT INTO sms_sessions (channel_id, phone_number, attempts, created_at, last_message_at)"
        " VALUES (1, :sender, 0, clock_timestamp(), clock_timestamp())"
        " ON CONFLICT (channel_id, phone_number) DO UPDATE SET last_message_at = clock_timestamp()"
        " RETURNING id"
    )
    message_sql = text(
        "INSERT INTO sms_messages (channel_id, session_id, direction, message_sid, from_number, to_number, body,"
        " segments, created_at, in_chat, is_test, status_conflict, looks, resends)"
        " VALUES (1, :session, 'inbound', :sid, :sender, :to, :body, 1, clock_timestamp(), false, false, false, 0, 0)"
        " ON CONFLICT (channel_id, message_sid) DO NOTHING RETURNING id"
    )

    @app.post("/api/sms/webhook/<assistant_id>")
    def webhook(assistant_id: str) -> Response:  # noqa: ARG001 - part of the path
        form = request.form
        signed = PUBLIC_URL + request.path + "".join(key + form[key] for key in sorted(form))
        expected = base64.b64encode(hmac.new(token, signed.encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(expected, request.headers["X-Twilio-Signature"].encode()):
            return Response(status=403)
        with engine.begin() as connection:
            session = connection.execute(session_sql, {"sender": form["From"]}).scalar()
            message = connection.execute(
                message_sql,
                {
                    "session": session,
                    "sid": form["MessageSid"],
                    "sender": form["From"],
                    "to": form["To"],
                    "body": form["Body"],
                },
            ).scalar()
        if message is not None:
            queue.enqueue("bench.nothing", session, result_ttl=0, job_timeout=300)
        return Response("<Response/>", mimetype="text/xml")

    return app
