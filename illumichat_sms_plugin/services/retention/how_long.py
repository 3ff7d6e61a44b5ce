"""For how many days a channel keeps its texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.local_days import floor_hour
from illumichat_sms_plugin.models import SmsRetention, SmsRollup
from illumichat_sms_plugin.models.database import transaction


def days_kept(chosen: int, bound: int) -> int:
    """What a channel has chosen within the operator's bound; 0 is for ever, in both and in the result."""
    return min((days for days in (chosen, bound) if days), default=0)


def kept_from(now: datetime, days: int) -> datetime:
    """The hour whose texts are the oldest to be kept. Figures are counted by the hour, so a whole one goes at a time."""
    return floor_hour(now - timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Retention:
    """What a page says about it. ``days`` is 0 for a channel that keeps its texts for ever."""

    days: int
    is_operators: bool
    """Whether the operator's bound is shorter than what the channel has chosen."""
    at_twilio: bool
    texts_from: datetime | None
    """Older texts are deleted, or about to be; not looked up for a channel that keeps its texts for ever."""
    is_under_way: bool
    """Whether older texts are being deleted at this time."""


def retention_of(settings: Settings, channel_id: int | None, options: ChannelOptions) -> Retention:
    """That of a channel, as it is now."""
    days = days_kept(options.keep_days, settings.keep_days_bound)
    found = _how_far(channel_id) if days else None
    return Retention(
        days=days,
        is_operators=days != options.keep_days,
        at_twilio=options.delete_at_twilio,
        texts_from=found.texts_from if found else None,
        is_under_way=bool(found and found.part),
    )


def _how_far(channel_id: int | None) -> Any:
    with transaction() as connection:
        return connection.execute(
            select(SmsRollup.texts_from, SmsRetention.part)
            .outerjoin(SmsRetention, SmsRetention.channel_id == SmsRollup.channel_id)
            .where(SmsRollup.channel_id == channel_id)
        ).first()


def deleted_before(channel_id: int | None, first_at: datetime) -> datetime | None:
    """Until when the texts of a session that began at ``first_at`` are deleted; None where all are there."""
    with transaction() as connection:
        found = select(SmsRollup.texts_from).where(SmsRollup.channel_id == channel_id)
        texts_from = connection.scalars(found).first()
    return texts_from if texts_from is not None and first_at < texts_from else None
