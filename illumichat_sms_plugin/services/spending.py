"""How much of a channel's limits is used: counted as a text becomes ``sending``, corrected when its price is known.

The count and its limits are one statement, so that workers who send at the same moment go over a limit by one text
together, not by one each. Days and months are UTC's. docs/decisions/limits.md
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, bindparam, case, or_, select, update

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.destinations import country_of
from illumichat_sms_plugin.models import SmsRate, SmsSession, SmsSpending
from illumichat_sms_plugin.models.database import insert_for, insert_or_conflict, transaction

MILLION = Decimal(1_000_000)
NO_LIMIT = 2**62
WARN_AT = 0.8
"""The share of a limit at which the page warns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimits:
    """What a channel may send; money in millionths, None for no limit."""

    segments_per_day: int
    money_per_day: int | None = None
    money_per_month: int | None = None

    @classmethod
    def of(cls, settings: Settings, options: ChannelOptions) -> SpendingLimits:
        """What an admin has set, within what the operator allows."""
        most = settings.money_per_day_bound
        per_day = [amount for amount in (millionths(options.money_per_day), round(most * 1e6)) if amount]
        return cls(
            segments_per_day=min(options.segments_per_day, settings.segments_per_day_bound),
            money_per_day=min(per_day, default=None),
            money_per_month=millionths(options.money_per_month),
        )

    @property
    def limits_money(self) -> bool:
        """Whether a text has a highest price."""
        return self.money_per_day is not None or self.money_per_month is not None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of the periods that run, this text counted; money in millionths."""

    segments: int
    day_money: int
    month_money: int

    def reached(self, limits: SpendingLimits) -> str | None:
        """The limit that was reached (``segments``, ``money_day``, ``money_month``), or None."""
        if self.segments >= limits.segments_per_day:
            return "segments"
        if limits.money_per_day is not None and self.day_money >= limits.money_per_day:
            return "money_day"
        if limits.money_per_month is not None and self.month_money >= limits.money_per_month:
            return "money_month"
        return None

    def left(self, limits: SpendingLimits, reserved: int) -> Decimal | None:
        """The most that a text may cost for which ``reserved`` is counted already, in money; None without a limit."""
        lefts = [
            limit - used + reserved
            for limit, used in (
                (limits.money_per_day, self.day_money),
                (limits.money_per_month, self.month_money),
            )
            if limit is not None
        ]
        return Decimal(max(min(lefts), reserved, 100)) / MILLION if lefts else None


def millionths(amount: str | None) -> int | None:
    """An amount such as ``0.10`` in millionths."""
    return None if amount is None else int(Decimal(amount) * MILLION)


def day_of(moment: datetime) -> int:
    """Days since 1970, UTC."""
    return int(moment.timestamp() // 86400)


def month_of(moment: datetime) -> int:
    """Twelve times the year and the month, UTC."""
    utc = moment.astimezone(UTC)
    return utc.year * 12 + utc.month - 1


def end_of(reason: str, now: datetime) -> datetime:
    """When the period of a reached limit ends."""
    utc = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if reason == "money_month":
        return (utc.replace(day=28) + timedelta(days=4)).replace(day=1)
    return utc + timedelta(days=1)


def spend(
    connection: Connection,
    channel_id: int,
    limits: SpendingLimits,
    *,
    segments: int,
    money: int,
    now: datetime,
) -> Spent | None:
    """Count a text that is about to be sent; None when a limit was reached before it, and then nothing is counted."""
    counted = {
        "channel": channel_id,
        "new_channel_id": channel_id,
        "new_day": day_of(now),
        "new_month": month_of(now),
        "new_day_segments": segments,
        "new_day_money": money,
        "new_month_money": money,
        "most_segments": limits.segments_per_day,
        "most_day": NO_LIMIT if limits.money_per_day is None else limits.money_per_day,
        "most_month": NO_LIMIT if limits.money_per_month is None else limits.money_per_month,
    }
    row = connection.execute(_COUNT, counted).first()
    if row is None:
        row = connection.execute(_first(connection.dialect.name), counted).first()
    return Spent(row.day_segments, row.day_money, row.month_money) if row is not None else None


def correct(connection: Connection, message: Any, actual: int) -> None:
    """A text cost ``actual`` millionths instead of what was reserved for it; 0 for one that was not sent."""
    correct_all(connection, [(message, actual)])


def correct_all(connection: Connection, costs: Iterable[tuple[Any, int]]) -> None:
    """The same for several texts, in one statement for each channel and day."""
    differences: Counter[tuple[int, int, int]] = Counter()
    for message, actual in costs:
        if message.reserved is not None:
            at = message.created_at
            differences[message.channel_id, day_of(at), month_of(at)] += actual - message.reserved
    for (channel, day, month), difference in sorted(differences.items()):
        if difference:
            of = {"channel": channel, "the_day": day, "the_month": month}
            connection.execute(_CORRECT, of | {"difference": difference})


@dataclass(frozen=True, slots=True)
class Rate:
    """What a segment to a country cost a channel lately, in millionths of the currency."""

    segment: int
    currency: str


def rate_to(session_id: int) -> Rate | None:
    """For a session's number; None when nothing is known yet."""
    with transaction() as connection:
        session = connection.execute(
            select(SmsSession.channel_id, SmsSession.phone_number).where(SmsSession.id == session_id)
        ).first()
    return rate_of(session.channel_id, session.phone_number) if session else None


def rate_of(channel_id: int, number: str) -> Rate | None:
    """For texts of a channel to a number; None when nothing is known yet."""
    country = country_of(number)
    wanted = select(SmsRate.segment, SmsRate.currency).where(
        SmsRate.channel_id == channel_id, SmsRate.country == country
    )
    with transaction() as connection:
        found = connection.execute(wanted).first() if country else None
    return Rate(*found) if found else None


def learn_rates(connection: Connection, priced: Iterable[Mapping[str, Any]]) -> None:
    """Remember what a segment to a country costs; of each: ``channel_id``, ``to_number``, ``segments``, ``price``, ``unit``."""
    rates = {
        (text["channel_id"], country): {
            "segment": round(Decimal(text["price"]) * MILLION / text["segments"]),
            "currency": text["unit"],
        }
        for text in priced
        if text["segments"] and text["price"] is not None and (country := country_of(text["to_number"]))
    }
    for (channel_id, country), rate in sorted(rates.items()):
        connection.execute(
            insert_or_conflict(connection, SmsRate)
            .values(channel_id=channel_id, country=country, **rate)
            .on_conflict_do_update(index_elements=[SmsRate.channel_id, SmsRate.country], set_=rate)
        )


def read_spent(connection: Connection, channel_id: int, now: datetime) -> Spent:
    """What is used of the day and the month that run."""
    row = connection.execute(
        select(SmsSpending.__table__).where(SmsSpending.channel_id == channel_id)
    ).first()
    if row is None:
        return Spent(0, 0, 0)
    today, this_month = row.day == day_of(now), row.month == month_of(now)
    return Spent(
        row.day_segments if today else 0,
        max(row.day_money, 0) if today else 0,
        max(row.month_money, 0) if this_month else 0,
    )


def _counting(new: Any) -> tuple[dict[str, Any], ColumnElement[bool]]:
    """The columns of an UPDATE that adds the columns ``new``, and that no limit was reached before."""
    old = SmsSpending
    same_day, same_month = old.day == new.day, old.month == new.month
    values = {
        "day": new.day,
        "month": new.month,
        "day_segments": case((same_day, old.day_segments + new.day_segments), else_=new.day_segments),
        "day_money": case((same_day, old.day_money + new.day_money), else_=new.day_money),
        "month_money": case((same_month, old.month_money + new.month_money), else_=new.month_money),
    }
    today = and_(
        old.day_segments < bindparam("most_segments"),
        old.day_money < bindparam("most_day", type_=BigInteger),
    )
    return values, and_(
        or_(~same_day, today),
        or_(~same_month, old.month_money < bindparam("most_month", type_=BigInteger)),
    )


# Built once: putting such a statement together takes longer than the database takes to run it.
_SPENT = (SmsSpending.day_segments, SmsSpending.day_money, SmsSpending.month_money)
_NEW = {
    column.name: bindparam(f"new_{column.name}", type_=column.type)
    for column in SmsSpending.__table__.columns
}
_VALUES, _WITHIN = _counting(SimpleNamespace(**_NEW))
_COUNT = (
    update(SmsSpending)
    .where(SmsSpending.channel_id == bindparam("channel"), _WITHIN)
    .values(_VALUES)
    .returning(*_SPENT)
)
"""An INSERT that becomes an UPDATE locks the row first, which PostgreSQL writes down, too; so the UPDATE is tried first."""


@cache
def _first(dialect: str) -> Any:
    """The same when the channel may have no row yet."""
    insert = insert_for(dialect, SmsSpending).values(_NEW)
    values, within = _counting(insert.excluded)
    return insert.on_conflict_do_update(
        index_elements=[SmsSpending.channel_id], set_=values, where=within
    ).returning(*_SPENT)


_DIFFERENCE = bindparam("difference", type_=BigInteger)
_CORRECT = (
    update(SmsSpending)
    .where(SmsSpending.channel_id == bindparam("channel"))
    .values(
        day_money=case(
            (SmsSpending.day == bindparam("the_day"), SmsSpending.day_money + _DIFFERENCE),
            else_=SmsSpending.day_money,
        ),
        month_money=case(
            (SmsSpending.month == bindparam("the_month"), SmsSpending.month_money + _DIFFERENCE),
            else_=SmsSpending.month_money,
        ),
    )
)
