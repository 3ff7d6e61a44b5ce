"""What a status callback costs: the plugin beside a hand-written floor that does the same durable work.

The floor checks the signature, reads the message for update, keeps the event and moves the status up the
same ladder, with three prepared statements in one transaction. Both run in this process on PostgreSQL.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import itertools
import os
import secrets
from collections.abc import Callable, Iterator

from flask import Flask, Response, request
from sqlalchemy import create_engine, insert, text

from bench.in_process import compare, post
from bench.servers import postgresql, valkey
from bench.webhook import prepare
from bench.webhook_apps import ENGINE_OPTIONS, plugin
from bench.webhook_load import PUBLIC_URL
from demo.twilio_simulator import seed
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.message_status import Delivery, MessageStatus, advance, is_final, parse_status
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey

PATH = "/api/sms/status/ast_support"
STATUSES = ("sent", "delivered")


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench status", description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    chosen = options.parse_args(arguments)
    with postgresql() as database_url, valkey() as redis_url:
        os.environ.update(
            BENCH_DATABASE_URL=database_url, BENCH_REDIS_URL=redis_url, BENCH_KEY=generate_key()
        )
        prepare(database_url)
        batch = 40
        sids = _sent(database_url, (chosen.rounds + 1) * batch * 2)
        half = len(sids) // 2
        ours, floor = plugin(), hand_written(database_url)
        found = compare(
            _caller(ours, sids[:half]), _caller(floor, sids[half:]), batch=batch, rounds=chosen.rounds
        )
    print("status callback, PostgreSQL, CPU in process:")
    print(f"  plugin {found.ours:.0f} us, floor {found.floor:.0f} us, ratio {found.ratio:.2f}")


def _sent(database_url: str, count: int) -> list[str]:
    """So many accepted texts, each awaiting its callbacks; returns their SIDs."""
    sids = ["SM" + secrets.token_hex(16) for _ in range(count)]
    rows = {"channel_id": 1, "direction": "outbound", "from_number": seed.SUPPORT_NUMBER, "body": "Hello"}
    rows |= {"to_number": "+15550001111", "send_state": "accepted", "status": "queued", "kind": "answer"}
    with create_engine(database_url).begin() as connection:
        session = connection.execute(
            insert(SmsSession.__table__)
            .values(channel_id=1, phone_number="+15550001111")
            .returning(SmsSession.id)
        ).scalar()
        connection.execute(
            insert(SmsMessage.__table__),
            [rows | {"session_id": session, "message_sid": sid} for sid in sids],
        )
    return sids


def _caller(app: Flask, sids: list[str]) -> Callable[[], object]:
    calls = _requests(sids)

    def call() -> None:
        form, headers = next(calls)
        status = post(app, PATH, form, headers)
        if not status.startswith("204"):
            raise SystemExit(f"the server answered {status}")

    return call


def _requests(sids: list[str]) -> Iterator[tuple[list[tuple[str, str]], dict[str, str]]]:
    key = SigningKey("auth_token", Secret(seed.AUTH_TOKEN), "HMAC_SHA1")
    for sid, status in zip(sids, itertools.cycle(STATUSES), strict=False):
        form = [
            ("SmsSid", sid),
            ("SmsStatus", status),
            ("MessageStatus", status),
            ("To", "+15550001111"),
            ("MessageSid", sid),
            ("AccountSid", seed.ACCOUNT_SID),
            ("From", seed.SUPPORT_NUMBER),
            ("ApiVersion", "2010-04-01"),
        ]
        yield form, {"X-Twilio-Signature": sign(PUBLIC_URL + PATH, form, key)}


def hand_written(database_url: str) -> Flask:
    """The same durable work with nothing around it."""
    app = Flask("floor")
    engine = create_engine(database_url, **ENGINE_OPTIONS)
    token = seed.AUTH_TOKEN.encode()
    find = text(
        "SELECT id, session_id, created_at, status, error_code, status_conflict, send_state, message_sid,"
        " final_at, clock_timestamp() AS now FROM sms_messages"
        " WHERE channel_id = 1 AND direction = 'outbound' AND message_sid = :sid FOR UPDATE"
    )
    keep = text(
        "INSERT INTO sms_status_events (message_id, fingerprint, status, error_code, created_at)"
        " SELECT :id, :fingerprint, :status, :code, clock_timestamp()"
        " WHERE (SELECT count(*) FROM sms_status_events WHERE message_id = :id) < 20 ON CONFLICT DO NOTHING"
    )
    move = text(
        "UPDATE sms_messages SET status = :status, error_code = :code, status_conflict = :conflict,"
        " final_at = CASE WHEN :final THEN clock_timestamp() ELSE final_at END WHERE id = :id"
    )

    @app.post("/api/sms/status/<assistant_id>")
    def status(assistant_id: str) -> Response:  # noqa: ARG001 - part of the path
        form = request.form
        signed = PUBLIC_URL + request.path + "".join(key + form[key] for key in sorted(form))
        expected = base64.b64encode(hmac.new(token, signed.encode(), hashlib.sha1).digest())
        if not hmac.compare_digest(expected, request.headers["X-Twilio-Signature"].encode()):
            return Response(status=403)
        told, code = parse_status(form["MessageStatus"]), form.get("ErrorCode")
        with engine.begin() as connection:
            row = connection.execute(find, {"sid": form["MessageSid"]}).one()
            event = {"id": row.id, "fingerprint": f"{told}/{code or ''}/", "status": told.value, "code": code}
            connection.execute(keep, event)
            before = Delivery(MessageStatus(row.status), row.error_code, row.status_conflict)
            after = advance(before, told, None)
            if after != before and after.status:
                connection.execute(
                    move,
                    {
                        "id": row.id,
                        "status": after.status.value,
                        "code": after.error_code,
                        "conflict": after.conflict,
                        "final": is_final(after.status),
                    },
                )
        return Response(status=204)

    return app
