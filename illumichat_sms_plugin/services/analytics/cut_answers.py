"""How many answers lost something at Max Message Length, and how often the rest was asked for.

Few answers are cut, and each has a row of its own: they are counted there, up to a bound, and in no roll-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from illumichat_sms_plugin.local_days import find_zone, start_of_day
from illumichat_sms_plugin.models import SmsRest
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.analytics.figures import Analytics

MOST = 10_000
"""Cut answers that are counted, the newest first."""


@dataclass(frozen=True, slots=True)
class CutAnswers:
    """``asked`` of the ``count`` rests have gone out."""

    count: int
    asked: int


def cut_answers_of(channel_id: int | None, figures: Analytics) -> CutAnswers:
    """Those of a channel in the period of ``figures``."""
    return count_cut_answers(channel_id, start_of_day(figures.daily[0].date, find_zone(figures.timezone)))


def count_cut_answers(channel_id: int | None, since: datetime) -> CutAnswers:
    """Those of a channel since a moment."""
    if channel_id is None:
        return CutAnswers(0, 0)
    some = (
        select(SmsRest.sent_as)
        .where(SmsRest.channel_id == channel_id, SmsRest.created_at >= since)
        .order_by(SmsRest.created_at.desc())
        .limit(MOST)
        .subquery()
    )
    with transaction() as connection:
        row = connection.execute(select(func.count(), func.count(some.c.sent_as)).select_from(some)).one()
    return CutAnswers(*row)
