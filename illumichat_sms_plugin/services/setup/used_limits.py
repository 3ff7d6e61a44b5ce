"""How much of a channel's limits is used, for its page: segments and money of the day and the month (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, select

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import db_now
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.spending import MILLION, WARN_AT, SpendingLimits, read_spent

Figure = Decimal | int


@dataclass(frozen=True, slots=True)
class UsedLimit:
    """``used`` of ``limit``; None for no limit."""

    name: str
    label: str
    used: Figure
    limit: Figure | None

    @property
    def share(self) -> float | None:
        """From 0 to 1 and beyond; None without a limit."""
        return float(self.used / self.limit) if self.limit else None

    @property
    def is_close(self) -> bool:
        """Whether 80 % are used."""
        return self.share is not None and self.share >= WARN_AT

    @property
    def sentence(self) -> str:
        """What is used, in words."""
        if self.limit is None:
            return say("{used} used, no limit", used=self.used)
        percent = str(round(100 * (self.share or 0)))
        return say("{used} of {limit} used ({percent} %)", used=self.used, limit=self.limit, percent=percent)


def used_limits(
    connection: Connection, runtime: Runtime, channel_id: int, options: ChannelOptions
) -> tuple[UsedLimit, ...]:
    """What is used now, and the limits that are in force: the admin's within the operator's."""
    now = connection.scalars(select(db_now())).one()
    spent, limits = read_spent(connection, channel_id, now), SpendingLimits.of(runtime.settings, options)
    return (
        UsedLimit("segments", say("Segments today"), spent.segments, limits.segments_per_day),
        UsedLimit("money_day", say("Money today"), _money(spent.day_money), _limit(limits.money_per_day)),
        UsedLimit(
            "money_month", say("Money this month"), _money(spent.month_money), _limit(limits.money_per_month)
        ),
    )


def _money(millionths: int) -> Decimal:
    return (Decimal(millionths) / MILLION).quantize(Decimal("0.01"))


def _limit(millionths: int | None) -> Decimal | None:
    return None if millionths is None else (Decimal(millionths) / MILLION).normalize() + Decimal("0.00")
