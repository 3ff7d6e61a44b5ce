"""How far a channel is counted, and the lock that all who count or uncount take first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from illumichat_sms_plugin.keeping_options import SHORTEST_DAYS
from illumichat_sms_plugin.local_days import floor_hour
from illumichat_sms_plugin.models import SmsRollup, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict
from illumichat_sms_plugin.services.analytics.changed_hours import FRESH

SETTLED = 2 * FRESH
"""A text may change without a mark while it is younger than ``FRESH`` (changed_hours.py); as long again is
for the transaction of that change to be committed."""
KEPT_DAYS = 91
"""The longest period that is shown, and a day more for workspaces that move west."""


def settled_until(now: datetime) -> datetime:
    """The end of the last hour that can be counted at ``now``."""
    return floor_hour(now - SETTLED)


def lock_rollup(connection: Connection, channel_id: int) -> Row[Any]:
    """Lock out other counts of this channel until the transaction ends; returns its row of ``sms_rollups``.

    The row of a channel that was never counted has no timezone.
    """
    return connection.execute(
        insert_or_conflict(connection, SmsRollup)
        .values(channel_id=channel_id, timezone="", since=db_now(), until=db_now())
        .on_conflict_do_update(index_elements=[SmsRollup.channel_id], set_={"timezone": SmsRollup.timezone})
        .returning(SmsRollup.__table__)
    ).one()


def frozen_until(rollup: Row[Any], now: datetime) -> datetime | None:
    """Until when figures stay as they were counted, for their texts are gone; None where all texts are there.

    Never what is younger than the shortest retention: the database's clock may have been ahead when older texts were deleted.
    """
    texts_from: datetime | None = rollup.texts_from
    return min(texts_from, floor_hour(now - timedelta(days=SHORTEST_DAYS))) if texts_from else None
