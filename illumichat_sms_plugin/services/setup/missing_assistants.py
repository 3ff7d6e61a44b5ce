"""Channels whose assistant the host does not know any more: erased after 30 days, or at once by an operator.

The host is asked again and again, and has to say the same each time. A host that raises, or that nobody has asked for
two days, has said nothing. While a host knows none of several assistants, it is taken to be broken and nothing is erased.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update

from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.leases import lasting_lease
from illumichat_sms_plugin.services.setup.erase_channel import Erased, erase_channel

logger = logging.getLogger("illumichat_sms.erase")

BATCH = 20
"""Assistants that the host is asked about in one round."""
ASK_EVERY = 6 * 3600.0
"""Seconds between two questions about one assistant."""
MISSING_FOR = timedelta(days=30)
"""So long the host has to say that it does not know it."""
LONGEST_GAP = timedelta(days=2)
"""After a longer time without an answer the days are counted anew."""
PAUSE_BETWEEN = 4 * 3600.0
"""Seconds between two erasures: six a day."""
BY = Person("sms", "SMS (by itself)")
LEASE = "erase a missing assistant"


class Fate(StrEnum):
    """What follows from what the host has said of an assistant."""

    KNOWN = "known"
    FIRST_MISSED = "first_missed"
    MISSING = "missing"
    OVERDUE = "overdue"


def fate_of(known: bool, since: datetime | None, last: datetime | None, now: datetime) -> Fate:
    """``since``: when it was first missed; ``last``: when it was missed last, before ``now``."""
    if known:
        return Fate.KNOWN
    if since is None or last is None or not timedelta() <= now - last <= LONGEST_GAP:
        return Fate.FIRST_MISSED
    return Fate.OVERDUE if now - since >= MISSING_FOR else Fate.MISSING


@dataclass(frozen=True, slots=True)
class _Asked:
    """A channel that is due: what is known of it, and the database's time."""

    channel_id: int
    assistant_id: str
    missing_since: datetime | None
    missed_at: datetime | None
    now: datetime


def look_for_assistants(runtime: Runtime) -> int:
    """Ask the host about assistants that are due; returns about how many."""
    due = _claim_due()
    for row in due:
        known = _is_known(runtime, row.assistant_id)
        if known is not None:
            _note(runtime, row, fate_of(known, row.missing_since, row.missed_at, row.now))
    return len(due)


def forget_assistant(runtime: Runtime, assistant_id: str, *, by: Person) -> Erased:
    """Erase the channel of an assistant that the host does not know, at once; Conflict while the host knows it."""
    if runtime.host.assistants.find(assistant_id) is not None:
        raise Conflict(
            f"The host knows {assistant_id}. Delete it there first, or use erase-channel, which erases the channel of an assistant that stays."
        )
    return erase_channel(runtime, assistant_id, by=by)


def _claim_due() -> Sequence[_Asked]:
    """Those that were not asked about for longest. ``host_asked_at`` is when somebody claimed it, or a host answered."""
    late = (SmsChannel.host_asked_at.is_(None)) | (SmsChannel.host_asked_at <= db_now(-ASK_EVERY))
    late |= SmsChannel.host_asked_at > db_now(ASK_EVERY)
    due = (
        select(SmsChannel.id)
        .where(late)
        .order_by(SmsChannel.host_asked_at, SmsChannel.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        claimed = (
            update(SmsChannel)
            .where(one_of(connection, SmsChannel.id, due), late)
            .values(host_asked_at=db_now(), updated_at=SmsChannel.updated_at)
            .returning(
                *(SmsChannel.id, SmsChannel.assistant_id, SmsChannel.missing_since, SmsChannel.missed_at),
                db_now().label("now"),
            )
        )
        return [_Asked(*row) for row in connection.execute(claimed)]


def _is_known(runtime: Runtime, assistant_id: str) -> bool | None:
    """None when the host could not say."""
    try:
        with discreet_errors(), host_call():
            return runtime.host.assistants.find(assistant_id) is not None
    except Exception:  # the host's code may raise anything; that says nothing about the assistant
        logger.exception("the host could not say whether it knows %s; it is asked again", assistant_id)
        return None


def _note(runtime: Runtime, row: _Asked, fate: Fate) -> None:
    if fate is Fate.KNOWN:
        if row.missing_since is not None:
            logger.warning("the host knows %s again: its channel stays", row.assistant_id)
            _write(row, missing_since=None, missed_at=None)
        return
    since = row.now if fate is Fate.FIRST_MISSED or row.missing_since is None else row.missing_since
    _write(row, missing_since=since, missed_at=row.now)
    if fate is not Fate.OVERDUE:
        logger.warning(
            "the host does not know %s, since %s: its channel %s is erased with all texts after %s, unless the host knows it again. "
            "At once: flask sms forget-assistant %s",
            *(row.assistant_id, f"{since:%Y-%m-%d}", row.channel_id, f"{since + MISSING_FOR:%Y-%m-%d}"),
            row.assistant_id,
        )
        return
    _erase(runtime, row)


def _erase(runtime: Runtime, row: _Asked) -> None:
    """One every some hours at most, and none while the host knows nobody."""
    if _host_knows_nobody():
        logger.error(
            "the host knows none of its assistants that have a channel: nothing is erased. If that is right, "
            "call flask sms forget-assistant for each, first of them %s",
            row.assistant_id,
        )
        return
    if not lasting_lease(LEASE, PAUSE_BETWEEN):
        return
    try:
        erase_channel(runtime, row.assistant_id, by=BY)
    except (Conflict, NotFound) as error:
        logger.warning("channel %s is not erased now: %s", row.channel_id, error)


def _host_knows_nobody() -> bool:
    """Of several; a single one may well be the last."""
    counts = select(func.count(), func.count(SmsChannel.missing_since)).select_from(SmsChannel)
    with transaction() as connection:
        channels, missing = connection.execute(counts).one()
    return channels > 1 and missing == channels


def _write(row: _Asked, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == row.channel_id)
            .values(updated_at=SmsChannel.updated_at, **values)
        )
