"""Delete what is older than its channel keeps it: texts first, then sessions without any, then the audit.

Channels that are due take turns, with ``PAGES`` pages each; how far each has come is kept in ``sms_retentions``, so that ten
years of texts go in many turns, and nothing that has to stay is looked at over and over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.models import SmsChannel, SmsRetention, SmsRollup, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.kept_figures import freeze
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.services.retention.how_long import days_kept, kept_from
from illumichat_sms_plugin.services.retention.old_audit import delete_audit
from illumichat_sms_plugin.services.retention.old_sessions import delete_sessions
from illumichat_sms_plugin.services.retention.old_texts import delete_texts
from illumichat_sms_plugin.services.retention.place import CLAIM, Old, Page, Place

logger = logging.getLogger("illumichat_sms.retention")

PAGES = 5
"""Pages of one channel that are gone through in one turn, of the sizes that their modules name."""
BATCH = 20
"""Turns of one round of housekeeping."""
AGAIN = 3600.0
"""Seconds until a channel is looked at again when all is gone; its days end at a full hour."""
SOON = 60.0
"""The same when its figures have still to be counted."""
COUNTING = 5.0
"""Seconds that counting figures may take in a round."""
APART = timedelta(days=1)
"""Nothing is deleted while the database's clock and our own are further apart than this."""

PARTS: Mapping[str, Callable[[Runtime, Old, Place | None], Page]] = {
    "texts": delete_texts,
    "sessions": delete_sessions,
    "audit": delete_audit,
}


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A channel that is due, and how far it has come."""

    channel_id: int
    assistant_id: str
    days: int
    at_twilio: bool
    timezone: str
    now: datetime
    part: str | None
    place: Place | None


def let_old_texts_go(runtime: Runtime) -> int:
    """Go on with the channels that are due; returns how many turns there were."""
    for turns in range(BATCH):
        if take_a_turn(runtime) is None:
            return turns
    return BATCH


def take_a_turn(runtime: Runtime) -> int | None:
    """Go on with the channel that is due first; returns how many pages were gone through, None when none is due."""
    claimed = _claim(runtime) or (_enrol(runtime) and _claim(runtime)) or None
    if claimed is None:
        return None
    if not claimed.days:
        with transaction() as connection:
            connection.execute(delete(SmsRetention).where(SmsRetention.channel_id == claimed.channel_id))
        return 0
    if abs(claimed.now - datetime.now(UTC)) > APART:
        logger.error(
            "the database's clock says %s: no old texts are deleted until it and the clock of this machine agree",
            claimed.now,
        )
        _put_down(claimed, AGAIN, claimed.part, claimed.place)
        return 0
    old = Old(
        claimed.channel_id, claimed.assistant_id, kept_from(claimed.now, claimed.days), claimed.at_twilio
    )
    if not _figures_are_counted(claimed, old):
        _put_down(claimed, SOON, claimed.part, claimed.place)
        return 0
    return _go_through(runtime, claimed, old)


def _go_through(runtime: Runtime, claimed: _Claimed, old: Old) -> int:
    names = list(PARTS)
    part: str | None = claimed.part or names[0]
    place, pages, gone = claimed.place, 0, 0
    while part is not None and pages < PAGES:
        page = PARTS[part](runtime, old, place)
        place, pages, gone = page.place, pages + 1, gone + page.gone
        if place is None:
            part = next(iter(names[names.index(part) + 1 :]), None)
    if gone:
        logger.info("channel %s: %s old texts, sessions and audit entries were deleted", old.channel_id, gone)
    _put_down(claimed, 0.0 if part else AGAIN, part, place)
    return pages


def _claim(runtime: Runtime) -> _Claimed | None:
    """The channel that is due first, which no other process takes meanwhile."""
    late = or_(SmsRetention.look_at <= db_now(), SmsRetention.look_at > db_now(2 * AGAIN))
    due = (
        select(SmsRetention.channel_id)
        .where(late)
        .order_by(SmsRetention.look_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    with transaction() as connection:
        found = connection.execute(
            update(SmsRetention)
            .where(SmsRetention.channel_id.in_(select(due.c.channel_id)), late)
            .values(look_at=db_now(CLAIM))
            .returning(SmsRetention.__table__)
        ).first()
        if found is None:
            return None
        row = connection.execute(
            select(
                *(SmsChannel.assistant_id, SmsChannel.keep_days, SmsChannel.delete_at_twilio),
                *(SmsRollup.timezone, db_now().label("now")),
            )
            .outerjoin(SmsRollup, SmsRollup.channel_id == SmsChannel.id)
            .where(SmsChannel.id == found.channel_id)
        ).one()
    return _Claimed(
        channel_id=found.channel_id,
        assistant_id=row.assistant_id,
        days=days_kept(row.keep_days, runtime.settings.keep_days_bound),
        at_twilio=row.delete_at_twilio,
        timezone=row.timezone or "UTC",
        now=row.now,
        part=found.part,
        place=Place(found.last_at, found.last_id) if found.last_at and found.last_id is not None else None,
    )


def _enrol(runtime: Runtime) -> int:
    """Note channels that do not keep their texts for ever and are not noted yet; returns how many."""
    missing = (
        select(SmsChannel.id)
        .outerjoin(SmsRetention, SmsRetention.channel_id == SmsChannel.id)
        .where(SmsRetention.channel_id.is_(None))
    )
    if not runtime.settings.keep_days_bound:
        missing = missing.where(SmsChannel.keep_days > 0)
    with transaction() as connection:
        found = connection.scalars(missing).all()
        if found:
            note = insert_or_conflict(connection, SmsRetention).on_conflict_do_nothing()
            connection.execute(note, [{"channel_id": channel_id} for channel_id in found])
    return len(found)


def _figures_are_counted(claimed: _Claimed, old: Old) -> bool:
    """Whether all figures of what goes are counted, and will stay; where they are not, count them first."""
    for _ in range(2):
        with transaction() as connection:
            if freeze(connection, old.channel_id, old.before):
                return True
        bring_up_to_date(old.channel_id, find_zone(claimed.timezone), time.monotonic() + COUNTING)
    return False


def _put_down(claimed: _Claimed, pause: float, part: str | None, place: Place | None) -> None:
    values: dict[str, Any] = {
        "look_at": db_now(pause),
        "part": part,
        "last_at": place.at if place else None,
        "last_id": place.id if place else None,
    }
    with transaction() as connection:
        connection.execute(
            update(SmsRetention).where(SmsRetention.channel_id == claimed.channel_id).values(**values)
        )
