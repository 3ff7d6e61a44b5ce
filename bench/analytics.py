"""What it costs to look back over 90 days, as a channel gets busier.

For each number of messages, on SQLite and PostgreSQL (the quickest of several; milliseconds):

    figures   analytics(…) alone, everything rolled up that can be
    panel     GET …/analytics, what changes when another period is chosen
    page      GET /sms/<assistant>, the whole SMS page for an admin
    list      GET …/sessions three times: the newest, from the middle on, those who opted out
    search    GET …/sessions?q= three times: by a whole number, its last digits, digits within it
    changed   the figures again, after one old message has changed
    recount   the same figures straight from the messages, without the roll-up (once)
    first     counting 90 days for the first time (once; housekeeping does it)

The growth is against the smallest number. Read the ratios; the machine is yours.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, update

from bench.analytics_fill import fill
from bench.servers import postgresql
from demo.twilio_simulator import seed
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import recount
from illumichat_sms_plugin.services.sessions.list_place import Place
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.save_channel import save_channel

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
Found = TypeVar("Found")
MEASURES = ("figures", "panel", "page", "list", "search", "changed", "recount", "first")
ASSISTANT = "ast_support"
DAYS = 90


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(
        prog="bench analytics", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--quick", action="store_true", help="without the ten million, which take minutes")
    options.add_argument("--sizes", type=int, nargs="+", help="other numbers of messages")
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--on", choices=["sqlite", "postgresql"], action="append", help="only on this")
    chosen = options.parse_args(arguments)
    sizes = chosen.sizes or (SIZES[:-1] if chosen.quick else SIZES)
    for name in chosen.on or ["sqlite", "postgresql"]:
        print(f"\n{name}\n{'messages':>12}" + "".join(f"{measure:>17}" for measure in MEASURES), flush=True)
        smallest: dict[str, float] = {}
        for size in sizes:
            with DATABASES[name]() as url:
                found = _of_filled(url, size, partial(_measure_all, rounds=chosen.rounds))
            smallest = smallest or found
            cells = (f"{found[it]:>7.1f} ({found[it] / smallest[it]:>5.1f}x)" for it in MEASURES)
            print(f"{size:>12,}" + "".join(f"{cell:>17}" for cell in cells), flush=True)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sms-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"


DATABASES: dict[str, Callable[[], Any]] = {"sqlite": _sqlite, "postgresql": postgresql}


def page_alone(database: str, size: int = 1_000_000, rounds: int = 15) -> float:
    """Milliseconds of the SMS page alone, of a channel with ``size`` messages that are counted."""

    def measure(app: Flask) -> float:
        page = partial(_load_page, app.test_client())
        page()  # counts what is not counted yet
        return _quickest(page, rounds)

    with DATABASES[database]() as url:
        return _of_filled(url, size, measure)


def _of_filled(url: str, size: int, measure: Callable[[Flask], Found]) -> Found:
    """What ``measure`` finds on a new database with a connected channel of ``size`` messages."""
    app, engine = _app(url), create_engine(url)
    migrating.upgrade(engine)
    with app.app_context():
        changes = ChannelChanges(
            account_sid=seed.ACCOUNT_SID, auth_token=Secret(seed.AUTH_TOKEN), phone_number=seed.SUPPORT_NUMBER
        )
        save_channel(
            current_runtime(), ASSISTANT, changes, by=Person("bench", "bench"), verdict=Verdict(Asked.OWNED)
        )
        fill(engine, 1, size)
        try:
            return measure(app)
        finally:
            app.extensions["sqlalchemy"].engine.dispose()
            engine.dispose()


def _app(url: str) -> Flask:
    from tests.support.apps import make_app
    from tests.support.memory_host import MemoryHost
    from tests.support.visitors import sign_in

    host = MemoryHost()
    sign_in(host, "admin")
    return make_app(url, host)


def _load_page(client: FlaskClient) -> None:
    assert client.get(f"/sms/{ASSISTANT}?days={DAYS}").status_code == 200


def _measure_all(app: Flask, rounds: int) -> dict[str, float]:
    """Milliseconds of each measure."""
    runtime, client = current_runtime(), app.test_client()
    assistant = runtime.host.assistants.find(ASSISTANT)
    assert assistant is not None

    def figures() -> None:
        analytics(runtime, assistant, DAYS)

    def panel() -> None:
        answer = client.get(f"/sms/{ASSISTANT}/analytics?days={DAYS}", headers={"HX-Request": "true"})
        assert answer.status_code == 200

    page = partial(_load_page, client)
    middle = Place(datetime.now(UTC) - timedelta(days=DAYS / 2), 1)

    def sessions(*queries: str) -> None:
        for query in queries:
            answer = client.get(f"/sms/{ASSISTANT}/sessions?{query}")
            assert b"<tbody" in answer.data

    first = _once(figures)
    whole = _once(lambda: _agree(runtime, assistant))
    page()
    return {
        "figures": _quickest(figures, rounds),
        "panel": _quickest(panel, rounds),
        "page": _quickest(page, rounds),
        "list": _quickest(lambda: sessions("", f"before={middle}", "show=opted_out"), rounds),
        "search": _quickest(lambda: sessions("q=%2B12000000007", "q=0007", "q=00000"), rounds),
        "changed": _quickest(figures, rounds, before=_change_an_old_message),
        "recount": whole,
        "first": first,
    }


def _agree(runtime: Any, assistant: Any) -> None:
    """The recount; and while we are at it, it has to be right. Sessions cease to be active meanwhile."""
    counted = recount(runtime, assistant, DAYS)
    shown = analytics(runtime, assistant, DAYS)
    if counted != replace(shown, sessions=counted.sessions):
        raise SystemExit("The figures are not those of a recount.")


def _change_an_old_message() -> None:
    with transaction() as connection:
        old = select(SmsMessage.id).where(
            SmsMessage.created_at < db_now(-40 * 86400.0), SmsMessage.direction == "outbound"
        )
        changed = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == old.order_by(SmsMessage.id).limit(1).scalar_subquery())
            .values(status="read")
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, changed)


def _once(measured: Callable[[], None]) -> float:
    started = time.perf_counter()
    measured()
    return (time.perf_counter() - started) * 1000


def _quickest(measured: Callable[[], None], rounds: int, before: Callable[[], None] = lambda: None) -> float:
    """What else runs on the machine only ever adds."""
    found = []
    for _ in range(rounds):
        before()
        found.append(_once(measured))
    return min(found)
