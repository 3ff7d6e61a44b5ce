"""Count what is over, once: messages by hour and day, sessions by hour.

Outside the webhook: by housekeeping, and by a reader who finds something missing. Any
number of processes may do it at once, for each step locks the channel's row in ``sms_rollups`` first.
Hours that ended less than ``SETTLED`` ago are not counted here; readers count them live.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, bindparam, exists, func, or_, select

from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.models import SmsChangedHour, SmsChannel, SmsMessage, SmsRollup, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.analytics.roll_up_messages import MessageCounting
from illumichat_sms_plugin.services.analytics.roll_up_sessions import SessionCounting
from illumichat_sms_plugin.services.analytics.rollup_state import KEPT_DAYS, lock_rollup, settled_until

BUDGET = 2.0
"""Seconds that one round of housekeeping spends here: lost texts wait for the other chores meanwhile."""
MAX_STEPS = 3000
"""More than a channel with 90 days of texts needs; ends a race with a flood of changes."""


def roll_up(runtime: Runtime) -> int:
    """Bring channels that are behind up to date, for ``BUDGET`` seconds; returns how many were behind."""
    stop_at = time.monotonic() + BUDGET
    channels = _channels_behind()
    for channel in channels:
        if time.monotonic() < stop_at:
            zone = find_zone(_timezone_of(runtime, channel.assistant_id))
            bring_up_to_date(channel.id, zone, stop_at)
    return len(channels)


def _timezone_of(runtime: Runtime, assistant_id: str) -> str:
    with host_call():
        assistant = runtime.host.assistants.find(assistant_id)
        return assistant.workspace.timezone if assistant else "UTC"


def _channels_behind() -> Sequence[Row[int, str]]:
    with transaction() as connection:
        now: datetime = connection.execute(select(db_now())).scalar_one()
        first, settled = now - timedelta(days=KEPT_DAYS - 1), settled_until(now)
        texts = exists().where(
            SmsMessage.channel_id == SmsChannel.id,
            SmsMessage.created_at >= func.coalesce(SmsRollup.until, first),
            SmsMessage.created_at < settled,
        )
        sessions = exists().where(
            SmsSession.channel_id == SmsChannel.id,
            SmsSession.last_message_at >= func.coalesce(SmsRollup.sessions_until, first),
            SmsSession.last_message_at < settled,
        )
        ahead = or_(SmsRollup.until > now, SmsRollup.sessions_until > now)  # the clock was set back
        return connection.execute(
            select(SmsChannel.id, SmsChannel.assistant_id)
            .outerjoin(SmsRollup, SmsRollup.channel_id == SmsChannel.id)
            .where(or_(texts, sessions, _has_marks(SmsChannel.id), ahead))
            .order_by(SmsChannel.id)
        ).all()


def _has_marks(channel_id: Any) -> Any:
    return exists().where(SmsChangedHour.channel_id == channel_id, SmsChangedHour.hour < SmsRollup.until)


def bring_up_to_date(channel_id: int, zone: ZoneInfo, stop_at: float = math.inf) -> None:
    """Count all of a channel that is over and not counted, or changed since.

    No new step is begun after ``stop_at`` (``time.monotonic()``); each counts a day of texts at most, or some thousand sessions.
    """
    for _ in range(MAX_STEPS):
        now = _now_if_behind(channel_id, zone)
        if now is None or time.monotonic() >= stop_at:
            return
        with transaction() as connection:
            rollup = lock_rollup(connection, channel_id)
            if not MessageCounting(connection, rollup, zone, now).step():
                SessionCounting(connection, rollup, now).step()


def _now_if_behind(channel_id: int, zone: ZoneInfo) -> datetime | None:
    """The time on the database's clock if there is something to do; writes and locks nothing."""
    with transaction() as connection:
        state = connection.execute(_state(), {"channel_id": channel_id}).one()
    settled = settled_until(state.now)
    done = (
        state.timezone == zone.key
        and state.until >= settled
        and state.sessions_until is not None
        and state.sessions_until >= settled
        and max(state.until, state.sessions_until) <= state.now
        and not state.marked
    )
    return None if done else state.now


@cache
def _state() -> Select[*tuple[Any, ...]]:
    marked = _has_marks(SmsChannel.id).label("marked")
    return (
        select(db_now().label("now"), SmsRollup.timezone, SmsRollup.until, SmsRollup.sessions_until, marked)
        .select_from(SmsChannel)
        .outerjoin(SmsRollup, SmsRollup.channel_id == SmsChannel.id)
        .where(SmsChannel.id == bindparam("channel_id"))
    )
