"""Periodic work. Each piece claims what it takes, so any number of copies may run.

Whatever waits for Twilio has a lane of its own, a thread, so that neither a slow Twilio nor a thousand prices hold up
an answer in doubt. What one round of a chore takes is bounded in its own module; one that found as much as it takes
goes on without a pause.
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
from illumichat_sms_plugin.services import further_numbers as numbers
from illumichat_sms_plugin.services import rate_limit as counting
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from illumichat_sms_plugin.services.answering.conversations import BATCH as ENDED_BATCH
from illumichat_sms_plugin.services.answering.conversations import tell_of_ended
from illumichat_sms_plugin.services.doctor.hourly import examine_channels
from illumichat_sms_plugin.services.further_numbers import look_at_numbers
from illumichat_sms_plugin.services.inbound.rejections import forget_old_rejections
from illumichat_sms_plugin.services.leases import forget_old_leases
from illumichat_sms_plugin.services.media.kept_files import BATCH as FILES_BATCH
from illumichat_sms_plugin.services.media.kept_files import let_files_go
from illumichat_sms_plugin.services.notices import tell as telling
from illumichat_sms_plugin.services.notices.look import look_for_notices
from illumichat_sms_plugin.services.notices.tell import tell_notices
from illumichat_sms_plugin.services.people.hand_back_late import BATCH as LATE_BATCH
from illumichat_sms_plugin.services.people.hand_back_late import hand_back_late
from illumichat_sms_plugin.services.people.suggestions import BATCH as SUGGESTIONS_BATCH
from illumichat_sms_plugin.services.people.suggestions import lapse_late
from illumichat_sms_plugin.services.rate_limit import forget_old_counts
from illumichat_sms_plugin.services.reconcile import fetch_statuses as checking
from illumichat_sms_plugin.services.reconcile import settle_doubt as settling
from illumichat_sms_plugin.services.reconcile import sweep_sessions as sweeping
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up, hasten
from illumichat_sms_plugin.services.reconcile.fetch_statuses import check_messages
from illumichat_sms_plugin.services.reconcile.settle_doubt import settle_doubt
from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions
from illumichat_sms_plugin.services.rehearsal import forget as forgetting
from illumichat_sms_plugin.services.rehearsal.forget import forget_old_rehearsals
from illumichat_sms_plugin.services.retention.let_go import BATCH as TURNS
from illumichat_sms_plugin.services.retention.let_go import let_old_texts_go
from illumichat_sms_plugin.services.security_events import forget_old_events
from illumichat_sms_plugin.services.setup import look_at_accounts as looking
from illumichat_sms_plugin.services.setup import missing_assistants as missing
from illumichat_sms_plugin.services.setup.end_tokens import end_replaced_tokens
from illumichat_sms_plugin.services.setup.look_at_accounts import look_at_accounts
from illumichat_sms_plugin.services.setup.missing_assistants import look_for_assistants
from illumichat_sms_plugin.services.texters import erase_at_twilio as erasing
from illumichat_sms_plugin.services.texters.erase_at_host import BATCH as ASKED_BATCH
from illumichat_sms_plugin.services.texters.erase_at_host import ask_hosts_again
from illumichat_sms_plugin.services.texters.erase_at_twilio import delete_erased_texts

logger = logging.getLogger("illumichat_sms.housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """One piece of periodic work, its lane, and the pause after it (seconds).

    ``batch`` is how much a round takes at most; after a full one there is no pause.
    """

    name: str
    run: Callable[[Runtime], int]
    pause: float
    lane: str
    batch: int | None = None


def chores(runtime: Runtime) -> tuple[Chore, ...]:
    """All periodic work."""
    often = runtime.settings.housekeeping_interval
    return (
        Chore("sweep sessions", sweep_sessions, often, "sweep", sweeping.MOST_OF_A_PAGE),
        Chore("end replaced tokens", end_replaced_tokens, max(often, 15.0), "figures"),
        Chore("settle doubt", settle_doubt, often, "doubt", settling.BATCH),
        Chore("check messages", check_messages, often, "prices", checking.BATCH),
        Chore("look at accounts", look_at_accounts, often, "accounts", looking.BATCH),
        Chore("look at numbers", look_at_numbers, often, "accounts", numbers.BATCH),
        Chore("examine channels", examine_channels, max(often, 60.0), "examinations"),
        Chore("catch up", catch_up, often, "catch up"),
        Chore("erase at Twilio", delete_erased_texts, max(often, 5.0), "erase", erasing.BATCH),
        Chore("let old texts go", let_old_texts_go, max(often, 60.0), "retention", TURNS),
        Chore("look for assistants", look_for_assistants, max(often, 60.0), "retention", missing.BATCH),
        Chore("roll up analytics", roll_up, max(often, 20.0), "figures"),
        Chore("look for notices", look_for_notices, max(often, 15.0), "notices"),
        Chore("tell notices", tell_notices, max(often, 5.0), "notices", telling.BATCH),
        Chore("hand back", hand_back_late, max(often, 15.0), "notices", LATE_BATCH),
        Chore("erase at the host", ask_hosts_again, max(often, 15.0), "notices", ASKED_BATCH),
        Chore("let suggestions lapse", lapse_late, max(often, 15.0), "notices", SUGGESTIONS_BATCH),
        Chore("close chats", tell_of_ended, max(often, 15.0), "notices", ENDED_BATCH),
        Chore("forget rehearsals", forget_old_rehearsals, max(often, 60.0), "notices", forgetting.BATCH),
        Chore("forget rejections", forget_old_rejections, max(often, 3600.0), "figures"),
        Chore("let files go", let_files_go, max(often, 60.0), "figures", FILES_BATCH),
        Chore("forget leases", forget_old_leases, max(often, 3600.0), "figures"),
        Chore("forget counts", forget_old_counts, max(often, 3600.0), "figures", counting.BATCH),
        Chore("forget security counts", forget_old_events, max(often, 3600.0), "figures"),
    )


def run_once(runtime: Runtime) -> dict[str, int]:
    """Do every chore once; returns how much each found to do."""
    done = {chore.name: _do(runtime, chore) for chore in chores(runtime)}
    _beat()
    return done


def run_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Do every chore when it is due, until ``stopping`` is set; outages only pause it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the app itself
    lanes: dict[str, list[Chore]] = defaultdict(list)
    for chore in chores(runtime):
        lanes[chore.lane].append(chore)
    runtime.twilio.load()
    logger.info("housekeeping goes on until it is stopped")
    threads = [
        threading.Thread(target=_run_lane, args=(app, runtime, lane, stopping), name=f"sms-{name}")
        for name, lane in lanes.items()
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
                had_outage = _do_or_log(runtime, Chore("hasten catch-up", _hasten, 0.0, "catch up")) is None
            full = False
            for chore in lane:
                if not stopping.is_set() and time.monotonic() >= due[chore.name]:
                    found = _do_or_log(runtime, chore)
                    had_outage |= found is None
                    more = found is not None and chore.batch is not None and found >= chore.batch
                    due[chore.name] = time.monotonic() + (0.0 if more else chore.pause)
                    full |= more
            if not full:
                stopping.wait(min(runtime.settings.housekeeping_interval, 1.0))


def _hasten(runtime: Runtime) -> int:
    hasten(runtime)
    return 0


def _do_or_log(runtime: Runtime, chore: Chore) -> int | None:
    """How much it found, None when it failed; that must stop neither the others, nor itself for good."""
    try:
        found = _do(runtime, chore)
        _beat()
    except Exception:
        logger.exception("%s failed and is tried again", chore.name)
        return None
    return found


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
