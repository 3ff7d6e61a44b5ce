"""Periodic work. Each piece claims what it takes, so any number of copies may run.

What waits for Twilio has a thread of its own, so that a slow Twilio does not hold up the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app

from illumichat_sms_plugin.models import SmsHeartbeat, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from illumichat_sms_plugin.services.inbound.rejections import forget_old_rejections
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up, hasten
from illumichat_sms_plugin.services.reconcile.fetch_statuses import check_messages
from illumichat_sms_plugin.services.reconcile.settle_doubt import settle_doubt
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from illumichat_sms_plugin.services.texters.erase_texter import delete_erased_texts

logger = logging.getLogger("illumichat_sms.housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """One piece of periodic work and the pause after it, in seconds."""

    name: str
    run: Callable[[Runtime], int]
    pause: float
    asks_twilio: bool = False


def chores(runtime: Runtime) -> tuple[Chore, ...]:
    """All periodic work."""
    often = runtime.settings.housekeeping_interval
    return (
        Chore("sweep sessions", sweep_sessions, often),
        Chore("settle doubt", settle_doubt, often, asks_twilio=True),
        Chore("check messages", check_messages, often, asks_twilio=True),
        Chore("catch up", catch_up, often, asks_twilio=True),
        Chore("roll up analytics", roll_up, max(often, 20.0)),
        Chore("erase at Twilio", delete_erased_texts, max(often, 5.0), asks_twilio=True),
        Chore("forget rejections", forget_old_rejections, max(often, 3600.0)),
    )


def run_once(runtime: Runtime) -> dict[str, int]:
    """Do every chore once; returns how much each found to do."""
    done = {chore.name: _do(runtime, chore) for chore in chores(runtime)}
    _beat()
    return done


def run_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Do every chore when it is due, until ``stopping`` is set; outages only pause it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself
    lanes: dict[bool, list[Chore]] = defaultdict(list)
    for chore in chores(runtime):
        lanes[chore.asks_twilio].append(chore)
    threads = [
        threading.Thread(target=_run_lane, args=(app, runtime, lane, stopping)) for lane in lanes.values()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run_lane(app: Flask, runtime: Runtime, lane: list[Chore], stopping: threading.Event) -> None:
    """Do one thread's chores. At the start and after an outage texts may have been missed: catch up soon."""
    due = dict.fromkeys((chore.name for chore in lane), 0.0)
    had_outage = True
    with app.app_context():
        while not stopping.is_set():
            if had_outage:
                had_outage = not _do_or_log(runtime, Chore("hasten catch-up", _hasten, 0.0))
            for chore in lane:
                if not stopping.is_set() and time.monotonic() >= due[chore.name]:
                    had_outage |= not _do_or_log(runtime, chore)
                    due[chore.name] = time.monotonic() + chore.pause
            stopping.wait(min(runtime.settings.housekeeping_interval, 1.0))


def _hasten(runtime: Runtime) -> int:
    hasten(runtime)
    return 0


def _do_or_log(runtime: Runtime, chore: Chore) -> bool:
    """Whether it worked; whatever stops one chore must not stop the others, nor itself for good."""
    try:
        _do(runtime, chore)
        _beat()
    except Exception:
        logger.exception("%s failed and is tried again", chore.name)
        return False
    return True


def _do(runtime: Runtime, chore: Chore) -> int:
    found = chore.run(runtime)
    if found:
        logger.info("%s: %s", chore.name, found)
    return found


def _beat() -> None:
    with transaction() as connection:
        insert = insert_or_conflict(connection, SmsHeartbeat).values(name="housekeeping")
        connection.execute(
            insert.on_conflict_do_update(index_elements=[SmsHeartbeat.name], set_={"beat_at": db_now()})
        )
