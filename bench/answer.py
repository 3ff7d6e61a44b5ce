"""What an answer costs a worker: the plugin beside a hand-written floor that does the same durable work.

The floor takes the same lease, counts the attempt before it asks, checks the opt-out in the statement that
locks the session, commits the row before it calls Twilio, and writes the outcome and the chat's state down:
14 statements in 5 transactions. Both ask the same host and call the same simulated Twilio through the same
gateway, and both run in this process on PostgreSQL. RQ is in neither.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, insert, text

from bench.in_process import Compared, compare
from bench.webhook_apps import ENGINE_OPTIONS, connected, plugin
from demo.twilio_simulator import Simulator, seed
from illumichat_sms_plugin.host import AnswerRequest, ChatMessage
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from tests.support.counting import Asked, asked_of
from tests.support.memory_host import MemoryHost

BATCH = 20


@dataclass(frozen=True)
class Answered:
    """An answer to a known sender: what each side asked of the database, and the CPU."""

    ours: Asked
    floor: Asked
    cpu: Compared


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench answer", description=__doc__)
    options.add_argument("--rounds", type=int, default=10)
    found = measure(options.parse_args(arguments).rounds)
    print("answer to a known sender, postgresql, CPU in process:")
    for name, asked, cpu in (
        ("plugin", found.ours, found.cpu.ours),
        ("floor", found.floor, found.cpu.floor),
    ):
        print(
            f"  {name}: {len(asked.statements)} statements, {asked.transactions} transactions, {cpu:.0f} us"
        )
    print(f"  ratio {found.cpu.ratio:.2f}")


def measure(rounds: int) -> Answered:
    with connected() as database_url, Simulator() as twilio:
        host = MemoryHost()
        app = plugin(host, SMS_TWILIO_API_URL=twilio.url)
        sessions = _waiting(create_engine(database_url), host, (rounds + 2) * BATCH * 2)
        half = len(sessions) // 2
        with app.app_context():
            runtime = current_runtime()
            ours = _each(sessions[:half], lambda session: answer_session(runtime, session))
            engine = create_engine(database_url, **ENGINE_OPTIONS)
            floor = _each(sessions[half:], hand_written(app, engine, host))
            counted = _count(app.extensions["sqlalchemy"].engine, ours), _count(engine, floor)
            return Answered(*counted, compare(ours, floor, batch=BATCH, rounds=rounds))


def _count(engine: Engine, call: Callable[[], object]) -> Asked:
    call()
    with asked_of(engine) as asked:
        call()
    return asked


def _waiting(engine: Engine, host: MemoryHost, count: int) -> list[int]:
    """So many sessions with a chat, in each of which a text waits for its answer."""
    numbers = [f"+1555{number:07}" for number in range(1, count + 1)]
    with engine.begin() as connection:
        rows = [
            {
                "channel_id": 1,
                "phone_number": number,
                "chat_id": host.chats.open(assistant_id="ast_support", title=number, key=number),
            }
            for number in numbers
        ]
        made = connection.execute(
            insert(SmsSession.__table__).returning(SmsSession.id, SmsSession.phone_number), rows
        ).all()
        connection.execute(
            insert(SmsMessage.__table__),
            [
                {
                    "channel_id": 1,
                    "session_id": row.id,
                    "direction": "inbound",
                    "message_sid": "SM" + secrets.token_hex(16),
                    "from_number": row.phone_number,
                    "to_number": seed.SUPPORT_NUMBER,
                    "body": "What are your opening hours?",
                }
                for row in made
            ],
        )
    return [row.id for row in made]


def _each(sessions: list[int], work: Callable[[int], object]) -> Callable[[], object]:
    waiting: Iterator[int] = iter(sessions)
    return lambda: work(next(waiting))


TAKE = text(
    "UPDATE sms_sessions SET lease_token = :token, lease_expires_at = clock_timestamp() + interval '30 s'"
    " WHERE id = :session AND (lease_token IS NULL OR lease_expires_at < clock_timestamp())"
    " RETURNING id, channel_id, phone_number, chat_id, attempts"
)
CHANNEL = text("SELECT assistant_id, phone_number, enabled FROM sms_channels WHERE id = :channel")
OPEN = "direction = 'inbound' AND answer_id IS NULL AND no_reply_reason IS NULL"  # as in the partial index
READ = text(
    f"SELECT id, body, to_number, created_at FROM sms_messages WHERE session_id = :session AND {OPEN} ORDER BY id"
)
COUNT = text(
    "SELECT count(*) FROM sms_messages WHERE session_id = :session AND direction = 'outbound'"
    " AND created_at > clock_timestamp() - interval '1 hour'"
)
UNFINISHED = text(
    "SELECT 1 FROM sms_messages WHERE session_id = :session AND send_state IN ('sending', 'in_doubt') LIMIT 1"
)
BEGIN = text(
    "UPDATE sms_sessions SET attempts = attempts + 1, lease_expires_at = clock_timestamp() + interval '90 s'"
    " WHERE id = :session AND lease_token = :token RETURNING id"
)
LOCK = text(
    "UPDATE sms_sessions SET attempts = 0, retry_at = NULL, lease_expires_at = clock_timestamp() + interval '60 s'"
    " WHERE id = :session AND lease_token = :token AND opted_out_at IS NULL RETURNING id"
)
NEW = text(
    "INSERT INTO sms_messages (channel_id, session_id, direction, kind, from_number, to_number, body, segments,"
    " send_state, created_at, check_at, in_chat, is_test, status_conflict, looks, resends)"
    " VALUES (:channel, :session, 'outbound', 'answer', :from_, :to, :body, 1, 'sending', clock_timestamp(),"
    " clock_timestamp() + interval '25 s', false, false, false, 0, 0) RETURNING id, created_at"
)
ANSWERED = text("UPDATE sms_messages SET answer_id = :answer, in_chat = true WHERE id = ANY(:texts)")
ACCEPTED = text(
    "UPDATE sms_messages SET message_sid = :sid, status = :status, send_state = 'accepted',"
    " accepted_at = clock_timestamp(), check_at = clock_timestamp() + interval '60 s'"
    " WHERE id = :answer AND send_state = 'sending'"
)
FILED = text("UPDATE sms_messages SET in_chat = true WHERE id = :answer")
RELEASE = text(
    "UPDATE sms_sessions SET lease_token = NULL, lease_expires_at = NULL"
    " WHERE id = :session AND lease_token = :token"
)
LEFT = text(f"SELECT id FROM sms_messages WHERE session_id = :session AND {OPEN} LIMIT 1")


def hand_written(app: Flask, engine: Engine, host: MemoryHost) -> Callable[[int], object]:
    """The same durable work with nothing around it."""
    runtime = app.extensions["illumichat_sms"]
    channel_with_token = load_channel(runtime, "ast_support")
    assert channel_with_token is not None
    assert channel_with_token.credentials is not None
    client = runtime.twilio.get(channel_with_token.credentials)
    url = runtime.settings.status_url("ast_support")

    def file(chat_id: str, role: Any, number: int, body: str, created_at: datetime) -> None:
        host.chats.append(chat_id, ChatMessage(role, body, f"sms-message-{number}", created_at))

    def answer(session_id: int) -> None:
        ours = {"session": session_id, "token": secrets.token_hex(16)}
        with engine.begin() as connection:
            session = connection.execute(TAKE, ours).one()
            channel = connection.execute(CHANNEL, {"channel": session.channel_id}).one()
            texts = connection.execute(READ, ours).all()
            connection.execute(COUNT, ours).scalar()
            connection.execute(UNFINISHED, ours).first()
            connection.execute(BEGIN, ours).one()
        for row in texts:
            file(session.chat_id, "user", row.id, row.body, row.created_at)
        body = host.assistants.answer(
            AnswerRequest(channel.assistant_id, session.chat_id, "Be short.", "sms", 60.0)
        )
        with engine.begin() as connection:
            connection.execute(LOCK, ours).one()
            connection.execute(READ, ours).all()
            values = {"from_": channel.phone_number, "to": session.phone_number, "body": body}
            row = connection.execute(NEW, ours | values | {"channel": session.channel_id}).one()
            connection.execute(ANSWERED, {"answer": row.id, "texts": [text.id for text in texts]})
        sent = send_text(
            client,
            from_number=channel.phone_number,
            to_number=session.phone_number,
            body=body or "",
            status_callback=f"{url}?m={row.id}",
            validity_period=1800,
        )
        outcome = {"answer": row.id, "sid": sent.sid, "status": sent.status}
        with engine.begin() as connection:
            connection.execute(ACCEPTED, outcome)
        file(session.chat_id, "assistant", row.id, body or "", datetime.now(UTC))
        with engine.begin() as connection:
            connection.execute(FILED, outcome)
        with engine.begin() as connection:
            connection.execute(RELEASE, ours)
            connection.execute(LEFT, ours).first()

    return answer
