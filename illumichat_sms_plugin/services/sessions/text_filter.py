"""Sessions by what became of their texts: those that failed, that got no answer, that wait for one, that cost something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from illumichat_sms_plugin.host import Workspace
from illumichat_sms_plugin.local_days import PERIODS, find_zone, last_days, local_date, start_of_day
from illumichat_sms_plugin.models import Direction, SendState, SmsMessage
from illumichat_sms_plugin.models.message import OTHER
from illumichat_sms_plugin.services.analytics.tally import FREE, UNDELIVERED

LOOKED_AT = 20_000
"""Texts of the period, the newest first, that are looked at."""


class TextState(StrEnum):
    """What became of a text."""

    FAILED = "failed"
    UNANSWERED = "unanswered"
    WAITING = "waiting"
    BILLED = "billed"
    """Counts in the cost: Twilio bills it, or has told a price for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter:
    """Texts from ``start`` until before ``end``: failed ones with Twilio's ``code`` (0 for none) or any, unanswered
    ones for a ``reason`` or any."""

    start: datetime
    end: datetime
    day: date | None = None
    """The one day that these are; None for a period."""
    code: int | None = None
    reason: str | None = None


def text_filter(
    workspace: Workspace,
    now: datetime,
    *,
    days: int = PERIODS[-1],
    day: date | None = None,
    code: int | None = None,
    reason: str | None = None,
) -> TextFilter:
    """The texts of ``day``, or of the last ``days`` days, as days are in the workspace.

    A day before these, or one that has not begun, counts as not said.
    """
    zone = find_zone(workspace.timezone)
    today = local_date(now, zone)
    first = last_days(today, days)[0]
    start, end = start_of_day(first, zone), now + timedelta(days=1)
    if day is not None and not first <= day <= today:
        day = None
    if day is not None:
        start, end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
    return TextFilter(start=start, end=end, day=day, code=code, reason=reason)


def sessions_with(channel_id: int, state: TextState, which: TextFilter) -> Select[Any]:
    """The ids of the sessions that have such a text."""
    newest = (
        select(
            *(SmsMessage.session_id, SmsMessage.direction, SmsMessage.send_state, SmsMessage.status),
            *(SmsMessage.error_code, SmsMessage.no_reply_reason, SmsMessage.answer_id, SmsMessage.is_test),
            *(SmsMessage.price, SmsMessage.price_unit),
        )
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.created_at >= which.start,
            SmsMessage.created_at < which.end,
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return select(newest.c.session_id).where(
        ~newest.c.is_test, newest.c.direction != OTHER, *_conditions(newest.c, state, which)
    )


def _conditions(text: Any, state: TextState, which: TextFilter) -> list[ColumnElement[bool]]:
    accepted = text.send_state == SendState.ACCEPTED.value
    if state is TextState.FAILED:
        undelivered = and_(accepted, text.status.in_(sorted(UNDELIVERED)))
        failed = (text.send_state == SendState.FAILED.value) | undelivered
        if which.code is None:
            return [failed]
        return [failed, text.error_code == which.code if which.code else text.error_code.is_(None)]
    inbound = text.direction == Direction.INBOUND.value
    if state is TextState.BILLED:
        sent = and_(accepted, or_(text.status.is_(None), text.status.not_in(sorted(FREE))))
        return [or_(inbound, sent, and_(text.price.is_not(None), text.price_unit.is_not(None)))]
    if state is TextState.WAITING:
        return [inbound, text.answer_id.is_(None), text.no_reply_reason.is_(None)]
    if which.reason is not None:
        return [inbound, text.no_reply_reason == which.reason]
    return [inbound, text.no_reply_reason.is_not(None)]
