"""What a status callback costs a web process: the plugin beside a hand-written floor that does the same durable work.

Both run in this process, in turns, on the same PostgreSQL; see floors.py and in_process.py. Read the ratio.
"""

from __future__ import annotations

import argparse
import itertools

from sqlalchemy import create_engine, insert

from bench.floors import floor
from bench.in_process import Compared, compare
from bench.inbound import BATCH, posting
from bench.signed import new_sid, signed_status
from bench.webhook_apps import connected, plugin
from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsMessage, SmsSession

STATUSES = ("sent", "delivered")
PHONE = "+15550001111"


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench status", description=__doc__)
    options.add_argument("--rounds", type=int, default=30)
    found = measure(options.parse_args(arguments).rounds)
    print("status callback, postgresql, CPU in process:")
    print(f"  plugin {found.ours:.0f} us, floor {found.floor:.0f} us, ratio {found.ratio:.2f}")


def measure(rounds: int) -> Compared:
    with connected() as database_url:
        sids = _sent(database_url, (rounds + 1) * BATCH * 2)
        made = [
            signed_status(sid, status, to=PHONE)
            for sid, status in zip(sids, itertools.cycle(STATUSES), strict=False)
        ]
        half = len(made) // 2
        ours, theirs = posting(plugin(), made[:half]), posting(floor(), made[half:])
        return compare(ours, theirs, batch=BATCH, rounds=rounds)


def _sent(database_url: str, count: int) -> list[str]:
    """So many accepted texts, each awaiting its callbacks; returns their SIDs."""
    sids = [new_sid() for _ in range(count)]
    rows = {"channel_id": 1, "direction": "outbound", "from_number": seed.SUPPORT_NUMBER, "body": "Hello"}
    rows |= {"to_number": PHONE, "send_state": "accepted", "status": "queued", "kind": "answer"}
    with create_engine(database_url).begin() as connection:
        session = connection.execute(
            insert(SmsSession.__table__).values(channel_id=1, phone_number=PHONE).returning(SmsSession.id)
        ).scalar()
        connection.execute(
            insert(SmsMessage.__table__),
            [rows | {"session_id": session, "message_sid": sid} for sid in sids],
        )
    return sids
