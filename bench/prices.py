"""How many prices a second housekeeping fetches from a Twilio that takes 100 ms, and whether doubt waits for them."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from sqlalchemy import text

from bench.installation import Installation, installation, wait_until
from demo.twilio_simulator import seed
from demo.twilio_simulator.records import Message
from illumichat_sms_plugin.models.database import transaction

SESSIONS = text(
    "INSERT INTO sms_sessions (channel_id, phone_number, attempts, created_at, last_message_at) SELECT 1,"
    " '+1557' || :after || '-' || n, 0, clock_timestamp(), clock_timestamp() - interval '1 hour' FROM generate_series(1, :n) n"
)
ANSWERS = text(
    "INSERT INTO sms_messages (channel_id, session_id, direction, kind, send_state, status, message_sid, from_number,"
    " to_number, body, segments, created_at, check_at, checks, in_chat, is_test, status_conflict, looks, resends)"
    " SELECT 1, id, 'outbound', 'answer', CAST(:state AS varchar), CAST(:status AS varchar), CASE WHEN CAST(:state AS varchar) = 'accepted' THEN 'SM' || lpad(id::text,"
    " 32, '0') END, :number, phone_number, '9 to 17', 1, clock_timestamp() - interval '1 hour' + id * interval"
    " '0.05 s', clock_timestamp(), 1, true, false, false, 1, 3 FROM sms_sessions WHERE id > :after"
)


@dataclass(frozen=True)
class Fetched:
    """From the start of housekeeping; seconds."""

    prices_a_second: float
    doubt_alone: float
    doubt_beside: float


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench prices", description=__doc__)
    options.add_argument("--prices", type=int, default=10_000)
    options.add_argument("--doubts", type=int, default=100)
    chosen = options.parse_args(arguments)
    found = measure(chosen.prices, chosen.doubts)
    print(f"{chosen.prices} prices: {found.prices_a_second:.0f} a second")
    print(
        f"{chosen.doubts} answers in doubt are settled in {found.doubt_alone:.1f} s alone, {found.doubt_beside:.1f} s beside them"
    )


def measure(prices: int, doubts: int) -> Fetched:
    with installation() as running:
        running.twilio.add_fault("slow_api", count=None, seconds=0.1)
        alone, _ = _keep_house(running, 0, doubts)
        beside, priced = _keep_house(running, prices, doubts)
        return Fetched(prices / priced, alone, beside)


def _keep_house(running: Installation, prices: int, doubts: int) -> tuple[float, float]:
    """Seconds until all doubt is settled, and until all prices are known."""
    running.forget()
    _fill(running, prices, "accepted", "delivered")
    _fill(running, doubts, "in_doubt", None)
    started = time.monotonic()
    with running.process("housekeeping"):
        wait_until(lambda: not running.scalar(_COUNT + "send_state = 'in_doubt'"), 300)
        settled = time.monotonic() - started
        wait_until(lambda: not running.scalar(_COUNT + "send_state = 'accepted' AND price IS NULL"), 300)
        return settled, time.monotonic() - started


_COUNT = "SELECT count(*) FROM sms_messages WHERE "


def _fill(running: Installation, count: int, state: str, status: str | None) -> None:
    with running.app.app_context(), transaction() as connection:
        after = connection.scalar(text("SELECT coalesce(max(id), 0) FROM sms_sessions"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(SESSIONS, {"n": count, "after": after})
        values = {"state": state, "status": status, "number": seed.SUPPORT_NUMBER, "after": after}
        connection.execute(ANSWERS, values)
        rows = connection.execute(
            text("SELECT message_sid, to_number, created_at FROM sms_messages WHERE message_sid IS NOT NULL")
        ).all()
    if state != "accepted":
        return
    with running.twilio.store.change():
        for row in rows:
            sent = row.created_at.timestamp()
            running.twilio.store.messages[row.message_sid] = Message(
                row.message_sid,
                seed.ACCOUNT_SID,
                to=row.to_number,
                from_=seed.SUPPORT_NUMBER,
                body="9 to 17",
                direction="outbound-api",
                status="delivered",
                created_by="api",
                price="-0.00830",
                date_created=sent,
                date_sent=sent,
            )
