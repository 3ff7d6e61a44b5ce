"""How much of the operator's bounds a channel has left today, whatever its admins have counted anew.

It is read from the texts themselves, and only when somebody presses Resume.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.models import Direction, SendState, SmsMessage
from illumichat_sms_plugin.services.spending import MILLION, SpendingLimits


@dataclass(frozen=True, slots=True)
class Left:
    """Segments and money (in millionths; None without a bound) that may still go out today."""

    segments: int
    money: int | None

    @property
    def is_nothing(self) -> bool:
        """Whether a bound is reached."""
        return self.segments <= 0 or (self.money is not None and self.money <= 0)

    def used_at_least(self, limits: SpendingLimits) -> tuple[int, int]:
        """The segments and the money that count as used, so that a limit leaves no more than this."""
        segments = max(limits.segments_per_day - self.segments, 0)
        if self.money is None or limits.money_per_day is None:
            return segments, 0
        return segments, max(limits.money_per_day - self.money, 0)


def left_today(connection: Connection, settings: Settings, channel_id: int, now: datetime) -> Left:
    """Of a day of UTC. What Twilio refused is not counted, what it may have sent is."""
    cost = func.coalesce(SmsMessage.price * MILLION, SmsMessage.reserved, 0)
    today = select(func.coalesce(func.sum(SmsMessage.segments), 0), func.coalesce(func.sum(cost), 0)).where(
        SmsMessage.channel_id == channel_id,
        SmsMessage.created_at >= now.replace(hour=0, minute=0, second=0, microsecond=0),
        SmsMessage.direction == Direction.OUTBOUND.value,
        SmsMessage.send_state != SendState.FAILED.value,
    )
    sent: Any = connection.execute(today).one()
    segments, money = sent
    bound = round(settings.money_per_day_bound * 1e6)
    return Left(settings.segments_per_day_bound - int(segments), bound - int(money) if bound else None)
