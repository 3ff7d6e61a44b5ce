"""Periodic work. Each piece claims what it takes, so any number of copies may run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.models import SmsHeartbeat, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.catch_up import catch_up
from illumichat_sms_plugin.services.check_messages import check_messages
from illumichat_sms_plugin.services.roll_up import roll_up
from illumichat_sms_plugin.services.settle_doubt import settle_doubt
from illumichat_sms_plugin.services.sweep_sessions import sweep_sessions

logger = logging.getLogger("illumichat_sms.housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """One piece of periodic work and the pause after it, in seconds."""

    name: str
    run: Callable[[Runtime], int]
    pause: float


def chores(runtime: Runtime) -> tuple[Chore, ...]:
    """All periodic work."""
    often = runtime.settings.housekeeping_interval
    return (
        Chore("sweep sessions", sweep_sessions, often),
        Chore("settle doubt", settle_doubt, often),
        Chore("check messages", check_messages, max(often, 5.0)),
        Chore("catch up", catch_up, max(often, 5.0)),
        Chore("roll up analytics", roll_up, max(often, 60.0)),
    )


def run_once(runtime: Runtime) -> dict[str, int]:
    """Do every chore once; returns how much each found to do."""
    done = {chore.name: _do(runtime, chore) for chore in chores(runtime)}
    _beat()
    return done


def run_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Do every chore when it is due, until ``stopping`` is set; outages only pause it."""
    todo = chores(runtime)
    due = dict.fromkeys((chore.name for chore in todo), 0.0)
    while not stopping.is_set():
        for chore in todo:
            if not stopping.is_set() and time.monotonic() >= due[chore.name]:
                _do_or_log(runtime, chore)
                due[chore.name] = time.monotonic() + chore.pause
        stopping.wait(min(runtime.settings.housekeeping_interval, 1.0))


def _do_or_log(runtime: Runtime, chore: Chore) -> None:
    try:
        _do(runtime, chore)
        _beat()
    except (SQLAlchemyError, SmsError, OSError) as error:
        logger.warning("%s failed and is tried again: %s", chore.name, type(error).__name__, exc_info=True)


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
